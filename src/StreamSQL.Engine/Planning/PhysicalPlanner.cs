using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>Cuts a continuous logical plan into stages: a new one begins wherever rows are needed by another key than they are partitioned by.</summary>
internal sealed class PhysicalPlanner
{
    private readonly string _queryId;
    private readonly List<Stage> _stages = [];
    private readonly List<LogicalPlan> _nodes = [];
    private readonly List<string> _stateIds = [];
    private StageInput? _input;
    private int _partitions;
    private PlanSchema? _schema;

    // The columns of the present schema that the rows are partitioned by, in order; null when the rows are not where their key says.
    private int[]? _partitionedBy;

    // The format of the bytes that the present partitioning hashes; null for the engine's own.
    private FormatSpec? _keyFormat;

    private PhysicalPlanner(string queryId) => _queryId = queryId;

    /// <summary>Makes the topology of a query.</summary>
    /// <exception cref="SqlException">0A000: the plan needs something that is not there yet; 22023: inputs that cannot be joined as they are partitioned.</exception>
    public static QueryTopology Plan(string queryId, LogicalPlan plan)
    {
        var planner = new PhysicalPlanner(queryId);
        planner.Add(plan);
        planner.EndStage(new ResultOutput(plan.Schema));
        return new QueryTopology(queryId, planner._stages, FindView(planner._stages[^1]));
    }

    private static StateView? FindView(Stage last)
    {
        for (var i = last.Nodes.Count - 1; i >= 0; i--)
        {
            switch (last.Nodes[i])
            {
                case LogicalFilter or LogicalProject:
                    continue;
                case LogicalAggregate { EmitFinal: false }:
                    return new StateView(i, last.Nodes.Skip(i + 1).ToArray());
                default:
                    return null;
            }
        }

        return null;
    }

    private void Add(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalScan scan:
                AddScan(scan);
                break;
            case LogicalFilter filter:
                Add(filter.Input);
                AddNode(filter);
                break;
            case LogicalProject project:
                Add(project.Input);
                _partitionedBy = MapKeys(project.Expressions);
                AddNode(project);
                break;
            case LogicalRekey rekey:
                Add(rekey.Input);
                _partitionedBy = null;
                AddNode(rekey);
                break;
            case LogicalExpand expand:
                Add(expand.Input);
                _partitionedBy = MapKeys([.. expand.Kept.Select(index => new BoundColumn(index, "", _schema!.Columns[index].Type))]);
                AddNode(expand);
                break;
            case LogicalAggregate aggregate:
                AddAggregate(aggregate);
                break;
            case LogicalJoin join:
                AddJoin(join);
                break;
            default:
                throw Unsupported($"{Describe(plan)} in a continuous query");
        }
    }

    private void AddScan(LogicalScan scan)
    {
        _input = new SourceInput(scan.Source, scan.Columns, scan.Schema);
        _partitions = scan.Source.Partitions;
        _schema = scan.Schema;
        var keys = IndexesOf(scan.Schema, ColumnRole.Key);
        var keyColumns = scan.Source.Columns.Count(static column => column.IsKey);
        _partitionedBy = keys.Length == keyColumns && keyColumns > 0 ? keys : null;
        _keyFormat = scan.Source.KeyFormat;
        if (scan.Schema.Kind == RelationKind.Table)
            _stateIds.Add($"{_stages.Count}-source");
    }

    private void AddNode(LogicalPlan node)
    {
        _nodes.Add(node);
        _schema = node.Schema;
    }

    private void AddAggregate(LogicalAggregate aggregate)
    {
        Add(aggregate.Input);
        if (!IsPartitionedBy(aggregate.Keys))
            Repartition(aggregate.Keys, dropsNullKeys: true, _partitions, keyOf: null);
        _stateIds.Add($"{_stages.Count}-{_nodes.Count}-state");
        AddNode(aggregate);
        _partitionedBy = IndexesOf(aggregate.Schema, ColumnRole.Key);
    }

    private void AddJoin(LogicalJoin join)
    {
        if (join.Left.Schema.Kind != RelationKind.Stream || join.Right.Schema.Kind != RelationKind.Table)
            throw Unsupported(join.Within is null ? "a join of two tables in a continuous query" : "a join of two streams");
        if (join.Right is not LogicalScan { Source: var table })
            throw Unsupported("a join with a derived table in a continuous query");
        if (table.Window is not null)
            throw Unsupported("a join with a windowed table");
        Add(join.Left);
        if (!IsPartitionedBy(join.LeftKeys) || _keyFormat != table.KeyFormat)
        {
            Repartition(join.LeftKeys, dropsNullKeys: join.Kind == JoinKind.Inner, table.Partitions, table);
        }
        else if (_partitions != table.Partitions)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue,
                $"the stream has {_partitions} partitions and table {table.Name} has {table.Partitions}: rows that join would not meet",
                "create the topics with the same number of partitions, or write the stream to a new one with PARTITION BY and WITH (PARTITIONS = ...)");
        }

        // The left columns stay where they are, so what the rows are partitioned by does too.
        AddNode(join);
    }

    private void Repartition(IReadOnlyList<BoundExpression> keys, bool dropsNullKeys, int partitions, SourceDefinition? keyOf)
    {
        var topic = InternalTopics.Repartition(_queryId, _stages.Count);
        var schema = _schema!;
        var producing = _input!;
        var producers = _partitions;
        EndStage(new RepartitionOutput(topic, partitions, keys, dropsNullKeys, keyOf));
        _input = new RepartitionInput(topic, schema, schema.Kind == RelationKind.Table, producing.Topic, producers);
        _partitions = partitions;
        _partitionedBy = keys.All(static key => key is BoundColumn) ? keys.Select(static key => ((BoundColumn)key).Index).ToArray() : null;
        _keyFormat = keyOf?.KeyFormat;
        _stateIds.Add($"{_stages.Count}-times");
    }

    private void EndStage(StageOutput output)
    {
        _stages.Add(new Stage(_stages.Count, _partitions, _input!, _nodes.ToArray(), output, _stateIds.ToArray()));
        _nodes.Clear();
        _stateIds.Clear();
    }

    private bool IsPartitionedBy(IReadOnlyList<BoundExpression> keys) =>
        _partitionedBy is not null && keys.Count > 0 && keys.Count == _partitionedBy.Length
        && keys.Select(static (key, i) => (key, i)).All(pair => pair.key is BoundColumn column && column.Index == _partitionedBy[pair.i]);

    /// <summary>Where the partitioning columns are after a projection; null when one of them is gone.</summary>
    private int[]? MapKeys(IReadOnlyList<BoundExpression> expressions)
    {
        if (_partitionedBy is null)
            return null;
        var mapped = new int[_partitionedBy.Length];
        for (var k = 0; k < mapped.Length; k++)
        {
            mapped[k] = -1;
            for (var i = 0; i < expressions.Count && mapped[k] < 0; i++)
            {
                if (expressions[i] is BoundColumn column && column.Index == _partitionedBy[k])
                    mapped[k] = i;
            }

            if (mapped[k] < 0)
                return null;
        }

        return mapped;
    }

    private static int[] IndexesOf(PlanSchema schema, ColumnRole role) =>
        Enumerable.Range(0, schema.Columns.Count).Where(i => schema.Columns[i].Role == role).ToArray();

    private static string Describe(LogicalPlan plan) => plan switch
    {
        LogicalSort => "ORDER BY",
        LogicalLimit => "LIMIT",
        LogicalDistinct => "DISTINCT",
        LogicalSetOperation operation => operation.Kind.ToString().ToUpperInvariant(),
        LogicalValues => "VALUES",
        _ => "this operation",
    };

    private static SqlException Unsupported(string what) => new(PostgresErrorCodes.FeatureNotSupported, $"{what} is not supported");
}
