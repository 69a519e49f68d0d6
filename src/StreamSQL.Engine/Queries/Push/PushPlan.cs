using StreamSQL.Data.Errors;
using StreamSQL.Engine.Planning;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>A push query's plan as one stage: it runs in one task that reads all partitions of its sources, so nothing is repartitioned.</summary>
/// <param name="Stage">Sources and operations.</param>
internal sealed record PushPlan(Stage Stage)
{
    /// <summary>What is read, where it is one source.</summary>
    public SourceInput Source => (SourceInput)Stage.Inputs[0];

    /// <summary>Whether it joins sources that are both read.</summary>
    public bool IsJoin => Stage.Inputs.Count > 1;

    /// <summary>Whether it keeps state that needs a clock.</summary>
    public bool HasAggregate => Stage.Nodes.Any(static node => node.Plan is LogicalAggregate);

    /// <summary>Whether what it gives of a record depends on that record alone, so that it can go on anywhere.</summary>
    public bool IsStateless => !IsJoin && Stage.Nodes.All(static node => node.Plan is LogicalFilter or LogicalProject or LogicalRekey or LogicalExpand or LogicalLimit);

    /// <summary>Whether some rows are left out.</summary>
    public bool HasFilter => Stage.Nodes.Any(static node => node.Plan is LogicalFilter);

    /// <summary>By column of the result: whether it shows a column of the key.</summary>
    public static bool[] KeyColumns(LogicalPlan plan)
    {
        while (plan is LogicalLimit limit)
            plan = limit.Input;
        return plan is LogicalProject project
            ? [.. project.Expressions.Select(e => e is BoundColumn column && project.Input.Schema.Columns[column.Index].Role != ColumnRole.Value)]
            : [.. plan.Schema.Columns.Select(static column => column.Role != ColumnRole.Value)];
    }

    /// <summary>Makes the plan of a continuous query.</summary>
    /// <exception cref="SqlException">0A000: it has something that a push query cannot run.</exception>
    public static PushPlan Of(LogicalPlan plan) => new(PhysicalPlanner.PlanAsOneTask(plan));
}
