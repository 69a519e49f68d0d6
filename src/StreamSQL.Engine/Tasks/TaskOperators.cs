using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>The operators of one task, made from its stage's plan nodes, with their states.</summary>
internal sealed class TaskOperators
{
    private const int SourceNode = -1;

    private readonly Dictionary<int, StateStore> _stores = [];
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
        if (stage.Input is SourceInput { Schema.Kind: RelationKind.Table } input)
        {
            var table = new RowTable(stage.SourceStateId, input.Schema, context.Budget);
            _stores.Add(SourceNode, table);
            _operators.Add(new MaterializeOperator(table, NeedsOldRows(above: 0)));
        }

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
    public IEnumerable<StateStore> Stores => _stores.Values;

    /// <summary>The tables that they look rows up in.</summary>
    public IReadOnlyList<TableReplica> Tables => _tables;

    /// <summary>The state of the operator of a node.</summary>
    public StateStore StoreOfNode(int node) => _stores[node];

    private void CreateAll()
    {
        for (var i = 0; i < _nodes.Count; i++)
            Create(i);
    }

    private void Create(int index)
    {
        switch (_nodes[index])
        {
            case LogicalFilter filter:
                _operators.Add(new FilterOperator(_context, filter.Predicate, filter.Schema.Kind));
                break;
            case LogicalProject project:
                _operators.Add(new ProjectOperator(_context, project.Expressions, project.Schema));
                break;
            case LogicalRekey rekey:
                _operators.Add(new RekeyOperator(_context, rekey.Keys));
                break;
            case LogicalExpand expand:
                _operators.Add(new ExpandOperator(_context, expand));
                break;
            case LogicalAggregate aggregate:
                _operators.Add(CreateAggregate(index, aggregate));
                break;
            case LogicalJoin join:
                CreateJoin(join);
                break;
            case LogicalLimit limit when _createLimit is not null:
                _operators.Add(_createLimit(limit));
                break;
            case var node:
                throw new InvalidOperationException($"no operator for {node.GetType().Name}");
        }
    }

    private Operator CreateAggregate(int index, LogicalAggregate plan)
    {
        var withOld = NeedsOldRows(index + 1);
        if (plan.Window is { Kind: WindowKind.Session })
        {
            var sessions = SessionTable.Create(_stateId(index), plan, _context.Budget);
            _stores.Add(index, sessions);
            return new SessionAggregateOperator(_context, plan, sessions, withOld);
        }

        var isOfTable = plan.Input.Schema.Kind == RelationKind.Table;
        var table = AggregateTable.Create(
            _stateId(index), plan, _context.Budget, bySlices: !isOfTable && StreamAggregateOperator.PrefersSlices(_context, plan));
        _stores.Add(index, table);
        return isOfTable
            ? new TableAggregateOperator(_context, plan, table, withOld)
            : new StreamAggregateOperator(_context, plan, table, withOld);
    }

    private void CreateJoin(LogicalJoin join)
    {
        var scan = (LogicalScan)join.Right;
        var replica = _createLimit is null
            ? _environment.Tables.Get(scan.Source, _environment).Partitions[_context.Partition]
            : _environment.Tables.GetMerged(scan.Source, _environment);
        _tables.Add(replica);
        _operators.Add(new StreamTableJoinOperator(_context, join, replica.Table));
        if (scan.Schema.Columns.Count == replica.Table.Schema.Columns.Count)
            return;

        // The table is shared and whole; this join wants some of its columns.
        var left = join.Left.Schema.Columns.Count;
        var columns = new BoundExpression[join.Schema.Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var column = join.Schema.Columns[i];
            var index = i < left ? i : left + replica.Table.Schema.IndexOf(scan.Schema.Columns[i - left].Name);
            columns[i] = new BoundColumn(index, column.Name, column.Type);
        }

        _operators.Add(new ProjectOperator(_context, columns, join.Schema));
    }

    /// <summary>Whether something above a node has to tell a row that stopped passing, or undo it under another key.</summary>
    private bool NeedsOldRows(int above) => _feedsRepartition || _nodes.Skip(above).Any(static node => node is LogicalFilter or LogicalAggregate);
}
