using StreamSQL.Data.Types;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>streamsql.topics: all topics of the broker, and the queries that read and write them.</summary>
internal sealed class TopicsRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".topics";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("name", SqlType.Varchar), ("partitions", SqlType.Integer), ("is_internal", SqlType.Boolean), ("records", SqlType.BigInt),
        ("read_by", SqlType.ArrayOf(SqlType.Varchar)), ("written_by", SqlType.ArrayOf(SqlType.Varchar)));

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        var catalog = snapshot.Catalog;
        foreach (var topic in (await services.Tasks.Broker.GetTopicsAsync(null, cancellation)).OrderBy(static topic => topic.Name,
            StringComparer.Ordinal))
        {
            long records = 0;
            for (var i = 0; i < topic.PartitionCount; i++)
            {
                var offsets = await services.Tasks.Broker.GetOffsetsAsync(new TopicPartition(topic.Name, i), cancellation);
                records += offsets.LastStable - offsets.LogStart;
            }

            var sources = catalog.Sources.Values.Where(source => source.Topic == topic.Name).Select(static source => source.Name)
                .ToHashSet(StringComparer.Ordinal);
            rows.Add(
                topic.Name, topic.PartitionCount, topic.IsInternal || topic.Name.StartsWith('_'), records,
                catalog.Queries.Values.Where(query => query.Sources.Any(sources.Contains))
                    .Select(static query => (object?)query.Id).ToArray(),
                catalog.Queries.Values.Where(query => sources.Contains(query.Sink)).Select(static query => (object?)query.Id).ToArray());
        }
    }
}

/// <summary>streamsql.partitions: the offsets of each partition.</summary>
internal sealed class PartitionsRelation(EngineServices services) : SystemRelation
{
    /// <inheritdoc/>
    public override string Name => EngineRelations.Schema + ".partitions";

    /// <inheritdoc/>
    public override PlanSchema Schema { get; } = SchemaOf(
        ("topic", SqlType.Varchar), ("partition", SqlType.Integer), ("log_start", SqlType.BigInt), ("last_stable", SqlType.BigInt),
        ("high_watermark", SqlType.BigInt));

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation)
    {
        foreach (var topic in (await services.Tasks.Broker.GetTopicsAsync(null, cancellation)).OrderBy(static topic => topic.Name,
            StringComparer.Ordinal))
        {
            for (var i = 0; i < topic.PartitionCount; i++)
            {
                var offsets = await services.Tasks.Broker.GetOffsetsAsync(new TopicPartition(topic.Name, i), cancellation);
                rows.Add(topic.Name, i, offsets.LogStart, offsets.LastStable, offsets.HighWatermark);
            }
        }
    }
}
