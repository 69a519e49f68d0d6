using StreamSQL.Data.Errors;
using StreamSQL.Engine.Planning;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>
/// A push query's plan as one stage: it runs in one task that reads all partitions of its sources, so nothing is repartitioned.
/// </summary>
/// <param name="Stage">Sources and operations.</param>
/// <param name="Result">The columns that it gives.</param>
internal sealed record PushPlan(Stage Stage, PlanSchema Result)
{
    /// <summary>What is read, where it is one source.</summary>
    public SourceInput Source => (SourceInput)Stage.Inputs[0];

    /// <summary>Whether it joins sources that are both read.</summary>
    public bool IsJoin => Stage.Inputs.Count > 1;

    /// <summary>Whether it keeps state that needs a clock.</summary>
    public bool HasAggregate => Stage.Nodes.Any(static node => node.Plan is LogicalAggregate);

    /// <summary>Whether it gives rows when their windows have closed.</summary>
    public bool EmitsFinal => Stage.Nodes.Any(static node => node.Plan is LogicalAggregate { EmitFinal: true });

    /// <summary>
    /// Whether what it gives of a record depends on that record, and on tables as they are now, so that it can go on anywhere.
    /// </summary>
    public bool IsStateless => !IsJoin && Stage.Nodes.All(static node =>
        node.Plan is LogicalFilter or LogicalProject or LogicalRekey or LogicalExpand or LogicalLimit or SnapshotNode
        || IsLookup(node.Plan));

    /// <summary>Whether it looks rows up in tables that others keep.</summary>
    public bool LooksUp => Stage.Nodes.Any(static node => IsLookup(node.Plan));

    /// <summary>Whether a table is among what is read.</summary>
    public bool ReadsTable => Stage.Inputs.Any(static input => input is SourceInput { Schema.Kind: RelationKind.Table });

    /// <summary>Whether some rows are left out.</summary>
    public bool HasFilter => Stage.Nodes.Any(static node => node.Plan is LogicalFilter);

    /// <summary>Whether it shows records of one table as they come, but for those that are left out.</summary>
    public bool ShowsTable => ReadsTable && IsStateless;

    /// <summary>What the sources are called in positions: by their topics; one that is read twice has a number behind the second.</summary>
    public IReadOnlyList<string> InputNames =>
    [
        .. Stage.Inputs.Select((input, i) => (Topic: ((SourceInput)input).Source.Topic, Before: Stage.Inputs.Take(i).Count(
            before => ((SourceInput)before).Source.Topic == ((SourceInput)input).Source.Topic))).Select(static named =>
            named.Before == 0 ? named.Topic : $"{named.Topic}#{named.Before + 1}"),
    ];

    /// <summary>How many partitions each source has, by its name.</summary>
    public IReadOnlyDictionary<string, int> PartitionsByInput => InputNames.Zip(Stage.Inputs).ToDictionary(
        static pair => pair.First, static pair => ((SourceInput)pair.Second).Source.Partitions, StringComparer.Ordinal);

    /// <summary>By column of the result: whether it shows a column of the key.</summary>
    public static bool[] KeyColumns(LogicalPlan plan)
    {
        while (plan is LogicalLimit limit)
            plan = limit.Input;
        if (plan is not LogicalProject project)
            return [.. plan.Schema.Columns.Select(static column => column.Role != ColumnRole.Value)];
        var isKey = KeysBelow(project.Input);
        return [.. project.Expressions.Select(e => e is BoundColumn column && isKey[column.Index])];
    }

    /// <summary>Makes the plan of a continuous query.</summary>
    /// <param name="plan">The query.</param>
    /// <param name="withSnapshot">Whether the rows that are there come first.</param>
    /// <exception cref="SqlException">0A000: it has something that a push query cannot run.</exception>
    public static PushPlan Of(LogicalPlan plan, bool withSnapshot)
    {
        var push = new PushPlan(PhysicalPlanner.PlanAsOneTask(plan), plan.Schema);
        // The state of an aggregate has the rows of a snapshot, and so has a table that is kept because of a filter.
        if (!withSnapshot || push.Result.Kind != RelationKind.Table || push.HasAggregate || (push.ShowsTable && push.HasFilter))
            return push;
        return push with { Stage = PhysicalPlanner.PlanAsOneTask(HoldBack(plan)) };
    }

    private static bool IsLookup(LogicalPlan plan) => plan is LogicalJoin join && StageStates.IsLookup(join);

    /// <summary>Puts the place where rows wait under what makes the result's columns: there they have their keys.</summary>
    private static LogicalPlan HoldBack(LogicalPlan plan) => plan switch
    {
        LogicalLimit limit => limit with { Input = HoldBack(limit.Input) },
        LogicalProject project => project with { Input = new SnapshotNode(project.Input) },
        _ => new SnapshotNode(plan),
    };

    private static bool[] KeysBelow(LogicalPlan plan)
    {
        while (plan is LogicalFilter filter)
            plan = filter.Input;
        bool[] isKey = [.. plan.Schema.Columns.Select(static column => column.Role != ColumnRole.Value)];
        if (plan is not LogicalJoin join)
            return isKey;

        // A join's key stands in front, and is the same as the key columns of the sides that every row has.
        var (left, right) = (join.KeyColumns, join.KeyColumns + join.Left.Schema.Columns.Count);
        var hasLeft = join.Kind is JoinKind.Inner or JoinKind.Left;
        var hasRight = join.Kind is JoinKind.Inner or JoinKind.Right && !join.IsForeignKey;
        for (var i = left; i < right; i++)
            isKey[i] |= hasLeft && join.Left.Schema.Columns[i - left].Role != ColumnRole.Value;
        for (var i = right; i < isKey.Length; i++)
            isKey[i] |= hasRight && join.Right.Schema.Columns[i - right].Role != ColumnRole.Value;
        return isKey;
    }
}
