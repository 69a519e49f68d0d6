using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>The operators of one task, made from its stage's plan nodes, with their states.</summary>
internal sealed class TaskOperators
{
    private readonly Dictionary<int, StateStore> _storeByNode = [];
    private readonly List<Operator> _operators = [];
    private readonly List<TableReplica> _tables = [];

    private readonly IReadOnlyList<LogicalPlan> _nodes;
    private readonly OperatorContext _context;
    private readonly TaskEnvironment _environment;
    private readonly Func<int, string> _stateId;
    private readonly bool _feedsRepartition;
    private readonly Func<LogicalLimit, Operator>? _createLimit;

    /// <summary>Makes the operators of a stage for the partition of the context.</summary>
    public TaskOperators(Stage stage, OperatorContext context, TaskEnvironment environment)
    {
        _nodes = stage.Nodes;
        _context = context;
        _environment = environment;
        _stateId = stage.StateId;
        _feedsRepartition = stage.Output is RepartitionOutput;
        CreateAll();
    }

    /// <summary>Makes the operators of a push query, which has all partitions in one task.</summary>
    public TaskOperators(
        IReadOnlyList<LogicalPlan> nodes, OperatorContext context, TaskEnvironment environment, Func<LogicalLimit, Operator> createLimit)
    {
        _nodes = nodes;
        _context = context;
        _environment = environment;
        _stateId = static node => $"{node}-state";
        _createLimit = createLimit;
        CreateAll();
    }

    /// <summary>The operators, in the order of the data.</summary>
    public IReadOnlyList<Operator> Operators => _operators;

    /// <summary>Their states.</summary>
    public IEnumerable<StateStore> Stores => _storeByNode.Values;

    /// <summary>The tables that they look rows up in.</summary>
    public IReadOnlyList<TableReplica> Tables => _tables;

    /// <summary>The state of the operator of a node.</summary>
    public StateStore StoreOfNode(int node) => _storeByNode[node];

    private void CreateAll()
    {
        for (var i = 0; i < _nodes.Count; i++)
            _operators.Add(Create(i));
    }

    private Operator Create(int index) => _nodes[index] switch
    {
        LogicalFilter filter => new FilterOperator(_context, filter.Predicate, filter.Schema.Kind),
        LogicalProject project => new ProjectOperator(_context, project.Expressions, project.Schema),
        LogicalRekey rekey => new RekeyOperator(_context, rekey.Keys),
        LogicalAggregate aggregate => CreateAggregate(index, aggregate),
        LogicalJoin join => CreateJoin(join),
        LogicalLimit limit when _createLimit is not null => _createLimit(limit),
        var node => throw new InvalidOperationException($"no operator for {node.GetType().Name}"),
    };

    private StreamAggregateOperator CreateAggregate(int index, LogicalAggregate plan)
    {
        // Old rows are wanted where something above has to tell a row that stopped passing, or undo it under another key.
        var withOld = _feedsRepartition || _nodes.Skip(index + 1).Any(static node => node is LogicalFilter or LogicalAggregate);
        var table = AggregateTable.Create(_stateId(index), plan, _context.Budget);
        _storeByNode.Add(index, table);
        return new StreamAggregateOperator(_context, plan, table, withOld);
    }

    private Operator CreateJoin(LogicalJoin join)
    {
        var scan = (LogicalScan)join.Right;
        var table = _environment.Tables.Get(scan.Source, _environment);
        var replica = table.Partitions[_context.Partition];
        _tables.Add(replica);
        throw new InvalidOperationException($"no join for {join.Kind}");
    }
}
