using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Planning;

/// <summary>
/// Cuts a continuous logical plan into stages: a new one begins wherever rows are needed by another key than they are partitioned by.
/// </summary>
internal sealed class PhysicalPlanner
{
    private static readonly NodeTarget Loose = NodeTarget.Output(0);

    private readonly string _queryId;
    private readonly List<Stage> _stages = [];

    private readonly bool _isOneTask;

    private PhysicalPlanner(string queryId, bool isOneTask)
    {
        _queryId = queryId;
        _isOneTask = isOneTask;
    }

    /// <summary>Makes the topology of a query.</summary>
    /// <exception cref="SqlException">0A000: the plan needs something that is not there yet; 22023:
    /// inputs that cannot be joined as they are partitioned.</exception>
    public static QueryTopology Plan(string queryId, LogicalPlan plan)
    {
        var planner = new PhysicalPlanner(queryId, isOneTask: false);
        planner.End(planner.Build(plan), new ResultOutput(plan.Schema, HasSourceKeys(plan)));
        return new QueryTopology(queryId, planner._stages, FindView(planner._stages[^1]));
    }

    /// <summary>Makes one stage of a query, for a task that reads all partitions: all rows meet there.</summary>
    /// <exception cref="SqlException">0A000: the plan has something that cannot be run so.</exception>
    public static Stage PlanAsOneTask(LogicalPlan plan)
    {
        var planner = new PhysicalPlanner("", isOneTask: true);
        planner.End(planner.Build(plan), new ResultOutput(plan.Schema));
        return planner._stages[0];
    }

    private static bool HasSourceKeys(LogicalPlan plan) => plan switch
    {
        LogicalScan => true,
        LogicalFilter filter => HasSourceKeys(filter.Input),
        LogicalProject project => HasSourceKeys(project.Input),
        LogicalExpand expand => HasSourceKeys(expand.Input),
        _ => false,
    };

    private static StateView? FindView(Stage last)
    {
        for (var i = last.Nodes.Count - 1; i >= 0; i--)
        {
            switch (last.Nodes[i].Plan)
            {
                case LogicalFilter or LogicalProject:
                    continue;
                case LogicalAggregate { EmitFinal: false }:
                    return new StateView(i, last.Nodes.Skip(i + 1).Select(static node => node.Plan).ToArray());
                default:
                    return null;
            }
        }

        return null;
    }

    private StageBuilder Build(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalScan scan:
                return Scan(scan);
            case LogicalFilter filter:
                return Add(Build(filter.Input), filter);
            case LogicalProject project:
                var projected = Build(project.Input);
                projected.PartitionedBy = MapKeys(projected.PartitionedBy, project.Expressions);
                return Add(projected, project);
            case LogicalRekey rekey:
                var rekeyed = Build(rekey.Input);
                rekeyed.PartitionedBy = null;
                return Add(rekeyed, rekey);
            case LogicalExpand expand:
                var expanded = Build(expand.Input);
                expanded.PartitionedBy = MapKeys(
                    expanded.PartitionedBy,
                    [.. expand.Kept.Select(index => new BoundColumn(index, "", expand.Input.Schema.Columns[index].Type))]);
                return Add(expanded, expand);
            case LogicalAggregate aggregate:
                return Aggregate(aggregate);
            case LogicalJoin join:
                return Join(join);
            case LogicalLimit limit when _isOneTask:
                return Add(Build(limit.Input), limit);
            case SnapshotNode snapshot when _isOneTask:
                return Add(Build(snapshot.Input), snapshot);
            default:
                throw Unsupported($"{Describe(plan)} in a continuous query");
        }
    }

    private static StageBuilder Add(StageBuilder stage, LogicalPlan node)
    {
        stage.Add(node);
        return stage;
    }

    private static StageBuilder Scan(LogicalScan scan)
    {
        var keys = IndexesOf(scan.Schema, ColumnRole.Key);
        var keyColumns = scan.Source.Columns.Count(static column => column.IsKey);
        return new StageBuilder(new SourceInput(scan.Source, scan.Columns, scan.Schema, Loose), scan.Source.Name, scan.Source.Partitions)
        {
            PartitionedBy = keys.Length == keyColumns && keyColumns > 0 ? [.. keys.Select(static key => new[] { key })] : null,
            KeyOf = scan.Source,
        };
    }

    private StageBuilder Aggregate(LogicalAggregate aggregate)
    {
        var stage = Build(aggregate.Input);
        if (!IsPartitionedBy(stage, aggregate.Keys))
            stage = Repartition(stage, aggregate.Keys, dropsNullKeys: true, stage.Partitions, keyOf: null);
        stage.Add(aggregate);
        stage.PartitionedBy = [.. IndexesOf(aggregate.Schema, ColumnRole.Key).Select(static key => new[] { key })];
        return stage;
    }

    private StageBuilder Join(LogicalJoin join)
    {
        if (join.IsForeignKey)
            return JoinByForeignKey(join);
        if (StageStates.IsLookup(join))
            return LookUp(join);
        var (left, right) = (Build(join.Left), Build(join.Right));
        var isOfStreams = join.Left.Schema.Kind == RelationKind.Stream;
        var (leftKeyed, rightKeyed) = (IsKeyed(left, join.LeftKeys, join), IsKeyed(right, join.RightKeys, join));
        if (join.Schema.Window is null && (HasSchemaIds(left) || HasSchemaIds(right)))
            leftKeyed = rightKeyed = false;
        var areAlike = leftKeyed && rightKeyed && HaveSameKeys(left, right);
        if (!_isOneTask && leftKeyed && rightKeyed && left.Partitions != right.Partitions && (areAlike || !isOfStreams))
            throw Mismatch(left, right);

        // Rows without a key match nothing: they are of interest only to the side that keeps them.
        if (!leftKeyed)
        {
            var drops = join.Kind is JoinKind.Inner or JoinKind.Right;
            left = Repartition(left, join.LeftKeys, drops, rightKeyed ? right.Partitions : left.Partitions,
                rightKeyed ? right.KeyOf : null);
        }

        if (!rightKeyed || !(areAlike || HaveSameKeys(left, right)))
            right = Repartition(right, join.RightKeys, join.Kind is JoinKind.Inner or JoinKind.Left, left.Partitions, left.KeyOf);
        left.Join(right, join);
        left.PartitionedBy = KeysOf(join);
        return left;
    }

    /// <summary>
    /// The left table's stage asks the right table's stage, which has the rows of a key and those that refer to it together, and gets
    /// answers back. They are not merged by time: what an answer belongs to is told by the row that asked.
    /// </summary>
    private StageBuilder JoinByForeignKey(LogicalJoin join)
    {
        if (_isOneTask)
            return JoinByForeignKeyHere(join);
        var (left, right) = (ByOwnKeyBytes(Build(join.Left), join.Left), ByOwnKeyBytes(Build(join.Right), join.Right));
        var (send, lookup) = (new ForeignKeySend(join), new ForeignKeyLookup(join));
        var subscriptions = InternalTopics.ForeignKey(_queryId, "subscriptions");
        var answers = InternalTopics.ForeignKey(_queryId, "answers");
        var asked = new StageBuilder(new RepartitionInput(subscriptions, send.Schema, false, [], 0, Loose), right.Name, right.Partitions)
            { MergesByTime = false };
        asked.Join(right, lookup);
        End(asked, new RepartitionOutput(answers, left.Partitions, Columns(lookup.Schema, join.KeyColumns), false, left.KeyOf)
            { TellsTime = false });
        left.AddDetour(
            send, new RepartitionOutput(subscriptions, right.Partitions, Columns(send.Schema, join.LeftKeys.Count), false, right.KeyOf)
                { TellsTime = false },
            new RepartitionInput(answers, lookup.Schema, false, [], 0, Loose), new ForeignKeyResolve(join));
        left.PartitionedBy = [.. Enumerable.Range(0, join.KeyColumns).Select(key => new[] { key, join.KeyColumns + key })];
        return left;
    }

    private static BoundColumn[] Columns(PlanSchema schema, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Column(schema, i))];

    private static BoundColumn Column(PlanSchema schema, int index) => new(index, schema.Columns[index].Name, schema.Columns[index].Type);

    private StageBuilder LookUp(LogicalJoin join)
    {
        if (join.Right is not LogicalScan { Source: var table })
            throw Unsupported("a join with a derived table in a continuous query");
        var left = Build(join.Left);
        if (!IsKeyed(left, join.LeftKeys, join) || left.KeyOf is null || left.KeyOf.KeyFormat != table.KeyFormat)
            left = Repartition(left, join.LeftKeys, dropsNullKeys: join.Kind == JoinKind.Inner, table.Partitions, table);
        else if (!_isOneTask && left.Partitions != table.Partitions)
            throw Mismatch(left.Name, left.Partitions, table.Name, table.Partitions);
        left.Add(join);
        left.PartitionedBy = KeysOf(join);
        return left;
    }

    /// <summary>The key of a join's result, and the columns of its inputs that always hold the same.</summary>
    private static List<int[]> KeysOf(LogicalJoin join)
    {
        var leftCount = join.Left.Schema.Columns.Count;
        var keys = new List<int[]>();
        for (var i = 0; i < join.LeftKeys.Count; i++)
        {
            var same = new List<int> { i };
            if (join.Kind is JoinKind.Inner or JoinKind.Left && join.LeftKeys[i] is BoundColumn left)
                same.Add(join.KeyColumns + left.Index);
            if (join.Kind is JoinKind.Inner or JoinKind.Right && join.RightKeys[i] is BoundColumn right)
                same.Add(join.KeyColumns + leftCount + right.Index);
            keys.Add([.. same]);
        }

        return keys;
    }

    private StageBuilder Repartition(
        StageBuilder stage, IReadOnlyList<BoundExpression> keys, bool dropsNullKeys, int partitions, SourceDefinition? keyOf)
    {
        if (_isOneTask)
            return stage;
        var topic = InternalTopics.Repartition(_queryId, _stages.Count);
        End(stage, new RepartitionOutput(topic, partitions, keys, dropsNullKeys, keyOf));
        var input = new RepartitionInput(topic, stage.Schema, stage.Schema.Kind == RelationKind.Table, stage.Topics,
            stage.Partitions, Loose);
        return new StageBuilder(input, stage.Name, partitions)
        {
            PartitionedBy = keys.All(static key => key is BoundColumn)
                ? [.. keys.Select(static key => new[] { ((BoundColumn)key).Index })] : null,
            KeyOf = keyOf,
        };
    }

    private void End(StageBuilder stage, StageOutput output) => _stages.Add(stage.Build(_stages.Count, output));

    /// <summary>
    /// Whether rows are where the key of a join says. Windowed rows are by their key; the binder has seen to it that it is the join's.
    /// </summary>
    private static bool IsKeyed(StageBuilder stage, IReadOnlyList<BoundExpression> keys, LogicalJoin join) =>
        join.Schema.Window is not null || IsPartitionedBy(stage, keys);

    private static bool IsPartitionedBy(StageBuilder stage, IReadOnlyList<BoundExpression> keys) =>
        stage.PartitionedBy is { } partitionedBy && keys.Count > 0 && keys.Count == partitionedBy.Count
        && keys.Select(static (key, i) => (key, i))
            .All(pair => pair.key is BoundColumn column && partitionedBy[pair.i].Contains(column.Index));

    /// <summary>The same where all rows of both tables are in one task: each step feeds the next.</summary>
    private StageBuilder JoinByForeignKeyHere(LogicalJoin join)
    {
        var (left, right) = (Build(join.Left), Build(join.Right));
        left.Add(new ForeignKeySend(join));
        left.Join(right, new ForeignKeyLookup(join));
        left.Add(new ForeignKeyResolve(join));
        return left;
    }

    /// <summary>A table where its keys' own bytes say, whatever schemas its records' keys name.</summary>
    private StageBuilder ByOwnKeyBytes(StageBuilder stage, LogicalPlan plan) => HasSchemaIds(stage)
        ? Repartition(stage, [.. IndexesOf(plan.Schema, ColumnRole.Key).Select(key => Column(plan.Schema, key))], dropsNullKeys: true,
            stage.Partitions, keyOf: null)
        : stage;

    /// <summary>
    /// Whether the rows are where the bytes of keys say that name a schema: two keys with the same
    /// values may name different ones, and be in different partitions.
    /// </summary>
    private static bool HasSchemaIds(StageBuilder stage) => stage.KeyOf is { } source
        && SchemaFormats.Find(source.KeyFormat.Name) is not null;

    private static bool HaveSameKeys(StageBuilder left, StageBuilder right) => left.KeyOf?.KeyFormat == right.KeyOf?.KeyFormat;

    /// <summary>Where the partitioning columns are after a projection; null when one of them is gone.</summary>
    private static List<int[]>? MapKeys(IReadOnlyList<int[]>? partitionedBy, IReadOnlyList<BoundExpression> expressions)
    {
        if (partitionedBy is null)
            return null;
        var mapped = new List<int[]>();
        foreach (var same in partitionedBy)
        {
            int[] found =
            [
                .. Enumerable.Range(0, expressions.Count)
                    .Where(i => expressions[i] is BoundColumn column && same.Contains(column.Index)),
            ];
            if (found.Length == 0)
                return null;
            mapped.Add(found);
        }

        return mapped;
    }

    private static int[] IndexesOf(PlanSchema schema, ColumnRole role) =>
        Enumerable.Range(0, schema.Columns.Count).Where(i => schema.Columns[i].Role == role).ToArray();

    private static SqlException Mismatch(StageBuilder left, StageBuilder right) =>
        Mismatch(left.Name, left.Partitions, right.Name, right.Partitions);

    private static SqlException Mismatch(string left, int leftPartitions, string right, int rightPartitions) => new(
        PostgresErrorCodes.InvalidParameterValue,
        $"Can't join `{left}` with `{right}` since the number of partitions don't match. `{left}` partitions = {leftPartitions}; `" +
        $"{right}` partitions = {rightPartitions}. "
        + "Please repartition either one so that the number of partitions match.",
        "Create the topics with the same number of partitions, or write one to a new topic with WITH (PARTITIONS = ...).");

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
