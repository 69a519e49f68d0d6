using StreamSQL.Data.Types;
using StreamSQL.Engine.Planning;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>
/// streamsql.consumer_groups: the committed offsets of the queries' consumer groups, and what is left to read behind them.
/// </summary>
internal sealed class ConsumerGroupsRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".consumer_groups";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("group_id", SqlType.Varchar), ("query_id", SqlType.Varchar), ("topic", SqlType.Varchar), ("partition", SqlType.Integer),
        ("committed_offset", SqlType.BigInt), ("end_offset", SqlType.BigInt), ("lag", SqlType.BigInt));

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        foreach (var id in snapshot.Catalog.Queries.Keys)
        {
            var group = InternalTopics.ConsumerGroup(id);
            var committed = await services.Tasks.Broker.GetCommittedOffsetsAsync(group, cancellation);
            foreach (var (partition, offset) in committed.OrderBy(static entry => entry.Key.Topic, StringComparer.Ordinal)
                .ThenBy(static entry => entry.Key.Partition))
            {
                var end = (await services.Tasks.Broker.GetOffsetsAsync(partition, cancellation)).LastStable;
                rows.Add(group, id, partition.Topic, partition.Partition, offset, end, Math.Max(0, end - offset));
            }
        }
    }
}
