using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Push;

/// <summary>A push query's plan as one chain over one source: it runs in one task that reads all partitions, so nothing is repartitioned.</summary>
/// <param name="Source">What is read.</param>
/// <param name="Nodes">The operations, bottom first.</param>
internal sealed record PushPlan(LogicalScan Source, IReadOnlyList<LogicalPlan> Nodes)
{
    /// <summary>Whether it keeps state that needs a clock.</summary>
    public bool HasAggregate => Nodes.Any(static node => node is LogicalAggregate);

    /// <summary>Takes a continuous plan apart.</summary>
    /// <exception cref="SqlException">0A000: it has something that a push query cannot run.</exception>
    public static PushPlan Of(LogicalPlan plan)
    {
        var nodes = new List<LogicalPlan>();
        while (true)
        {
            switch (plan)
            {
                case LogicalScan scan:
                    nodes.Reverse();
                    return new PushPlan(scan, nodes);
                case LogicalFilter or LogicalProject or LogicalRekey or LogicalExpand or LogicalAggregate or LogicalLimit:
                    nodes.Add(plan);
                    plan = plan.Inputs[0];
                    break;
                case LogicalJoin { Within: null, Right: LogicalScan { Schema.Kind: RelationKind.Table } } join when join.Left.Schema.Kind == RelationKind.Stream:
                    nodes.Add(join);
                    plan = join.Left;
                    break;
                default:
                    throw new SqlException(
                        PostgresErrorCodes.FeatureNotSupported, "this query cannot be run with EMIT CHANGES",
                        "create a stream or table from it (CREATE ... AS SELECT) and select from that");
            }
        }
    }
}
