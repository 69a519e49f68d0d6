using StreamSQL.Data.Types;
using StreamSQL.Engine.Queries;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>streamsql.tasks: each task of each query by the partitions that it reads.</summary>
internal sealed class TasksRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".tasks";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("query_id", SqlType.Varchar), ("task", SqlType.Varchar), ("topic", SqlType.Varchar), ("partition", SqlType.Integer),
        ("position", SqlType.BigInt), ("end_offset", SqlType.BigInt), ("lag", SqlType.BigInt), ("state_bytes", SqlType.BigInt),
        ("error", SqlType.Varchar));

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        foreach (var query in services.Queries.All.OrderBy(static query => query.Definition.Id, StringComparer.Ordinal))
        {
            foreach (var built in query.Tasks)
            {
                foreach (var lane in built.Task.Lanes)
                {
                    var (position, end) = await TaskLag.OfAsync(lane, services, cancellation);
                    rows.Add(
                        query.Definition.Id, built.Task.Name, lane.Partition.Topic, lane.Partition.Partition, position, end,
                        Math.Max(0, end - position),
                        built.States.Sum(static state => state.Store.MemoryBytes), built.Task.Failure?.Message);
                }
            }
        }
    }
}

/// <summary>How far a query is behind what its topics hold.</summary>
internal static class TaskLag
{
    /// <summary>Records of its sources that it has not read and committed yet.</summary>
    public static async ValueTask<long> OfAsync(PersistentQuery query, EngineServices services, CancellationToken cancellation)
    {
        long lag = 0;
        foreach (var built in query.Tasks)
        {
            foreach (var lane in built.Task.Lanes)
            {
                if (lane.IsInternal)
                    continue;
                var (position, end) = await OfAsync(lane, services, cancellation);
                lag += Math.Max(0, end - position);
            }
        }

        return lag;
    }

    /// <summary>Where a lane stands, and the end of its partition.</summary>
    public static async ValueTask<(long Position, long End)> OfAsync(Tasks.TaskLane lane, EngineServices services,
        CancellationToken cancellation)
    {
        var end = (await services.Tasks.Broker.GetOffsetsAsync(lane.Partition, cancellation)).LastStable;
        return (lane.Applied, end);
    }
}
