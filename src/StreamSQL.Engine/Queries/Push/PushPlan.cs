using StreamSQL.Data.Errors;
using StreamSQL.Engine.Planning;
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

    /// <summary>Makes the plan of a continuous query.</summary>
    /// <exception cref="SqlException">0A000: it has something that a push query cannot run.</exception>
    public static PushPlan Of(LogicalPlan plan) => new(PhysicalPlanner.PlanAsOneTask(plan));
}
