using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Planning;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>A push query's plan as one stage over one source: it runs in one task that reads all partitions, so nothing is repartitioned.</summary>
/// <param name="Source">What is read.</param>
/// <param name="Stage">The operations.</param>
internal sealed record PushPlan(SourceInput Source, Stage Stage)
{
    /// <summary>Whether it keeps state that needs a clock.</summary>
    public bool HasAggregate => Stage.Nodes.Any(static node => node.Plan is LogicalAggregate);

    /// <summary>Makes the plan of a continuous query.</summary>
    /// <exception cref="SqlException">0A000: it has something that a push query cannot run.</exception>
    public static PushPlan Of(LogicalPlan plan)
    {
        var stage = PhysicalPlanner.PlanAsOneTask(plan);
        return stage.Inputs is [SourceInput source]
            ? new PushPlan(source, stage)
            : throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, "this query cannot be run with EMIT CHANGES",
                "create a stream or table from it (CREATE ... AS SELECT) and select from that");
    }
}
