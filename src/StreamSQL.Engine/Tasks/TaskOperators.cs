using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.Operators.ForeignKey;
using StreamSQL.Engine.Operators.StreamJoin;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Engine.Tasks.Output;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>The operators of one task, made from its stage's plan nodes, with their states.</summary>
internal sealed class TaskOperators
{
    private readonly Dictionary<string, StateStore> _stores = new(StringComparer.Ordinal);
    private readonly List<(Operator Operator, NodeTarget? Node, OperatorTarget Direct)> _operators = [];
    private readonly Dictionary<NodeTarget, OperatorTarget> _entries = [];
    private readonly List<OperatorTarget?> _inputs = [];
    private readonly List<TableReplica> _tables = [];
    private readonly Stage _stage;
    private readonly OperatorContext _context;
    private readonly TaskEnvironment _environment;
    private readonly Func<LogicalLimit, Operator>? _createLimit;
    private readonly bool _keepsTable;

    /// <summary>Makes the operators of a stage for the partition of the context.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="context">The task's context.</param>
    /// <param name="environment">Where tables are.</param>
    /// <param name="createLimit">Makes LIMIT, for a push query, which has all partitions in one task; else null.</param>
    /// <param name="keepsTable">Whether a push query keeps its table although it does not need to.</param>
    public TaskOperators(
        Stage stage, OperatorContext context, TaskEnvironment environment, Func<LogicalLimit, Operator>? createLimit = null,
        bool keepsTable = false)
    {
        _stage = stage;
        _context = context;
        _environment = environment;
        _createLimit = createLimit;
        _keepsTable = keepsTable;
        for (var i = 0; i < stage.Inputs.Count; i++)
            CreateInput(i);
        for (var i = 0; i < stage.Nodes.Count; i++)
            Create(i);
    }

    /// <summary>Their states.</summary>
    public IEnumerable<StateStore> Stores => _stores.Values;

    /// <summary>The tables that they look rows up in.</summary>
    public IReadOnlyList<TableReplica> Tables => _tables;

    /// <summary>The table that is nearest to the result, and the operator that gives its changes; null when there is none.</summary>
    public (TableState State, Operator Operator)? LastTable { get; private set; }

    /// <summary>Whether the first source is a table that is kept.</summary>
    public bool KeepsSource => _inputs[0] is not null;

    /// <summary>The state of the operator of a node.</summary>
    public StateStore StoreOfNode(int node) => _stores[StageStates.Node(_stage, node)];

    /// <summary>Puts the operators together.</summary>
    /// <param name="sinks">Where the outputs of the stage go.</param>
    /// <param name="isFull">Whether the sinks hold enough for a commit; null when they take everything.</param>
    public OperatorTree Connect(IReadOnlyList<TaskSink> sinks, Func<bool>? isFull = null) => new(
        [.. _operators.Select(link => new OperatorLink(link.Operator, link.Node is { } node ? Resolve(node) : link.Direct))],
        [.. _stage.Inputs.Select((input, i) => _inputs[i] ?? Resolve(input.Target))], sinks, isFull);

    private OperatorTarget Resolve(NodeTarget target) => target.Node < 0 ? new OperatorTarget(target.Node, 0) : _entries[target];

    /// <summary>Adds an operator that feeds a node or an output; returns its index.</summary>
    private int Add(Operator @operator, NodeTarget target)
    {
        _operators.Add((@operator, target, default));
        return _operators.Count - 1;
    }

    /// <summary>Adds an operator that feeds the one after it.</summary>
    private int AddBefore(Operator @operator, int distance, int port)
    {
        _operators.Add((@operator, null, new OperatorTarget(_operators.Count + distance, port)));
        return _operators.Count - 1;
    }

    private T Keep<T>(T store)
        where T : StateStore
    {
        _stores.Add(store.Id, store);
        return store;
    }

    private void CreateInput(int index)
    {
        _inputs.Add(null);
        if (_stage.Inputs[index] is not SourceInput { Schema.Kind: RelationKind.Table } input)
            return;
        if (IsShownAsItComes(input))
            return;
        var table = Keep(new RowTable(StageStates.Source(_stage.Number, index), input.Schema, _context.Budget));
        var materialize = new MaterializeOperator(table, NeedsOldRows(input.Target));
        LastTable = (table, materialize);
        _inputs[index] = new OperatorTarget(Add(materialize, input.Target), 0);
    }

    // A push query's plain reads of a table show its records as they come.
    private bool IsShownAsItComes(SourceInput input) => _createLimit is not null && !_keepsTable && !FeedsState(input.Target);

    private bool FeedsState(NodeTarget target)
    {
        for (; target.Node >= 0; target = _stage.Nodes[target.Node].Target)
        {
            if (_stage.Nodes[target.Node].Plan is LogicalAggregate or LogicalJoin or ForeignKeyNode)
                return true;
        }

        return false;
    }

    private void Create(int index)
    {
        var (plan, target) = (_stage.Nodes[index].Plan, _stage.Nodes[index].Target);
        switch (plan)
        {
            case LogicalJoin join:
                CreateJoin(index, join, target);
                return;
            case ForeignKeySend send:
                CreateForeignKeySend(index, send, target);
                return;
            case ForeignKeyLookup lookup:
                CreateForeignKeyLookup(index, lookup, target);
                return;
            case ForeignKeyResolve resolve:
                CreateForeignKeyResolve(index, resolve, target);
                return;
        }

        Operator @operator = plan switch
        {
            LogicalFilter filter => new FilterOperator(_context, filter.Predicate, filter.Schema.Kind),
            LogicalProject project => new ProjectOperator(_context, project.Expressions, project.Schema),
            LogicalRekey rekey => new RekeyOperator(_context, rekey.Keys),
            LogicalExpand expand => new ExpandOperator(_context, expand),
            LogicalAggregate aggregate => CreateAggregate(index, aggregate, target),
            LogicalLimit limit when _createLimit is not null => _createLimit(limit),
            SnapshotNode => CreateSnapshot(index, plan.Schema),
            _ => throw new InvalidOperationException($"no operator for {plan.GetType().Name}"),
        };
        _entries.Add(new NodeTarget(index, 0), new OperatorTarget(Add(@operator, target), 0));
    }

    private Operator CreateAggregate(int index, LogicalAggregate plan, NodeTarget target)
    {
        var withOld = NeedsOldRows(target);
        var id = StageStates.Node(_stage, index);
        if (plan.Window is { Kind: WindowKind.Session })
        {
            var sessions = Keep(SessionTable.Create(id, plan, _context.Budget));
            return OfTable(sessions, new SessionAggregateOperator(_context, plan, sessions, withOld));
        }

        var isOfTable = plan.Input.Schema.Kind == RelationKind.Table;
        var table = Keep(AggregateTable.Create(
            id, plan, _context.Budget, bySlices: !isOfTable && StreamAggregateOperator.PrefersSlices(_context, plan)));
        return OfTable(table, isOfTable
            ? new TableAggregateOperator(_context, plan, table, withOld)
            : new StreamAggregateOperator(_context, plan, table, withOld));
    }

    private Operator CreateSnapshot(int index, PlanSchema schema)
    {
        var table = Keep(new RowTable(StageStates.Node(_stage, index), schema, _context.Budget));
        return OfTable(table, new SnapshotOperator(table));
    }

    private Operator OfTable(TableState table, Operator @operator)
    {
        LastTable = (table, @operator);
        return @operator;
    }

    private void CreateJoin(int index, LogicalJoin join, NodeTarget target)
    {
        if (StageStates.IsLookup(join))
            CreateLookup(index, join, target);
        else if (join.Left.Schema.Kind == RelationKind.Stream)
            CreateStreamJoin(index, join, target);
        else
            CreateTableJoin(index, join, target);
    }

    private void CreateStreamJoin(int index, LogicalJoin join, NodeTarget target)
    {
        var left = Keep(StreamStreamJoinOperator.CreateBuffer(StageStates.Side(_stage, index, 0), join, 0, _context.Budget));
        var right = Keep(StreamStreamJoinOperator.CreateBuffer(StageStates.Side(_stage, index, 1), join, 1, _context.Budget));
        var at = Add(new StreamStreamJoinOperator(_context, join, left, right), target);
        for (var port = 0; port < 2; port++)
            _entries.Add(new NodeTarget(index, port), new OperatorTarget(at, port));
    }

    private void CreateTableJoin(int index, LogicalJoin join, NodeTarget target)
    {
        var withOld = NeedsOldRows(target);
        var keeps = new[] { KeepsSide(join, index, 0), KeepsSide(join, index, 1) };
        var tables = new[] { SideTable(index, join.Left.Schema, 0, keeps[0]), SideTable(index, join.Right.Schema, 1, keeps[1]) };
        for (var port = 0; port < 2; port++)
        {
            if (keeps[port])
            {
                var distance = port == 0 && keeps[1] ? 2 : 1;
                _entries.Add(new NodeTarget(index, port),
                    new OperatorTarget(AddBefore(new MaterializeOperator(tables[port], withOld), distance, port), 0));
            }
        }

        var at = Add(new TableTableJoinOperator(join, tables[0], tables[1], withOld), target);
        for (var port = 0; port < 2; port++)
            _entries.TryAdd(new NodeTarget(index, port), new OperatorTarget(at, port));
    }

    private bool KeepsSide(LogicalJoin join, int node, int port) => StageStates.KeepsSide(_stage.Inputs, join, node, port);

    /// <summary>The table of a side: a state of the join's own, or that of the source that feeds it.</summary>
    private RowTable SideTable(int node, PlanSchema schema, int port, bool isOwn)
    {
        return isOwn ? Keep(new RowTable(StageStates.Side(_stage, node, port), schema, _context.Budget)) : KeptTable(node, port);
    }

    /// <summary>The table of the source that feeds a node, or the state of the node's own for that side.</summary>
    private RowTable KeptTable(int node, int port)
    {
        for (var i = 0; i < _stage.Inputs.Count; i++)
        {
            if (_stage.Inputs[i] is SourceInput && _stage.Inputs[i].Target == new NodeTarget(node, port))
                return (RowTable)_stores[StageStates.Source(_stage.Number, i)];
        }

        return (RowTable)_stores[StageStates.Side(_stage, node, port)];
    }

    /// <summary>
    /// The table that feeds a side of a foreign-key join; one that comes from another stage is kept in
    /// front of the operator that is added next.
    /// </summary>
    private RowTable ForeignKeySide(int node, PlanSchema schema, int port, bool withOld)
    {
        if (StageStates.IsFromSource(_stage.Inputs, new NodeTarget(node, port)))
            return KeptTable(node, port);
        var table = Keep(new RowTable(StageStates.Side(_stage, node, port), schema, _context.Budget));
        _entries.Add(new NodeTarget(node, port), new OperatorTarget(AddBefore(new MaterializeOperator(table, withOld), 1, port), 0));
        return table;
    }

    private void CreateForeignKeySend(int index, ForeignKeySend send, NodeTarget target)
    {
        ForeignKeySide(index, send.Join.Left.Schema, 0, withOld: true);
        _entries.TryAdd(new NodeTarget(index, 0), new OperatorTarget(Add(new ForeignKeySendOperator(_context, send), target), 0));
    }

    private void CreateForeignKeyLookup(int index, ForeignKeyLookup lookup, NodeTarget target)
    {
        var subscriptions = Keep(new RowTable(StageStates.Node(_stage, index), lookup.Subscriptions, _context.Budget));
        var right = ForeignKeySide(index, lookup.Join.Right.Schema, 1, withOld: false);
        var at = Add(new ForeignKeyLookupOperator(_context, lookup, subscriptions, right), target);
        for (var port = 0; port < 2; port++)
            _entries.TryAdd(new NodeTarget(index, port), new OperatorTarget(at, port));
    }

    private void CreateForeignKeyResolve(int index, ForeignKeyResolve resolve, NodeTarget target)
    {
        var send = Enumerable.Range(0, _stage.Nodes.Count).First(i => _stage.Nodes[i].Plan is ForeignKeySend);
        var @operator = new ForeignKeyResolveOperator(resolve, KeptTable(send, 0));
        if (!NeedsOldRows(target))
        {
            _entries.Add(new NodeTarget(index, 0), new OperatorTarget(Add(@operator, target), 0));
            return;
        }

        _entries.Add(new NodeTarget(index, 0), new OperatorTarget(AddBefore(@operator, 1, 0), 0));
        var results = Keep(new RowTable(StageStates.Node(_stage, index), resolve.Schema, _context.Budget));
        Add(new MaterializeOperator(results, withOld: true), target);
    }

    private void CreateLookup(int index, LogicalJoin join, NodeTarget target)
    {
        var scan = (LogicalScan)join.Right;
        var replica = _createLimit is null
            ? _environment.Tables.Get(scan.Source, _environment).Partitions[_context.Partition]
            : _environment.Tables.GetMerged(scan.Source, _environment);
        _tables.Add(replica);
        var lookup = new StreamTableJoinOperator(_context, join, replica.Table);
        var isNarrow = scan.Schema.Columns.Count < replica.Table.Schema.Columns.Count;
        var entry = isNarrow ? AddBefore(lookup, 1, 0) : Add(lookup, target);
        _entries.Add(new NodeTarget(index, 0), new OperatorTarget(entry, 0));
        if (!isNarrow)
            return;

        // The table is shared and whole; this join wants some of its columns.
        var left = join.KeyColumns + join.Left.Schema.Columns.Count;
        var columns = new BoundExpression[join.Schema.Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var column = join.Schema.Columns[i];
            var from = i < left ? i : left + replica.Table.Schema.IndexOf(scan.Schema.Columns[i - left].Name);
            columns[i] = new BoundColumn(from, column.Name, column.Type);
        }

        Add(new ProjectOperator(_context, columns, join.Schema), target);
    }

    private bool NeedsOldRows(NodeTarget target) => StageStates.NeedsOldRows(_stage, target);
}
