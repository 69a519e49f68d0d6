using Microsoft.Extensions.Logging;
using StreamSQL.Data.Schemas;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>Where the records of streams and tables come from, and the schemas that they name.</summary>
/// <param name="Broker">Where the topics are.</param>
/// <param name="Schemas">The schema registry; null when the engine has none.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where trouble with the registry is logged.</param>
internal sealed record RecordSource(IBrokerClient Broker, ISchemaRegistry? Schemas, TimeProvider Time, ILogger Logger)
{
    private const int SmallRoomBytes = 256 * 1024;
    private const int MinFetchBytes = 16 * 1024;
    private const int SmallRows = 512;

    /// <summary>Opens a reader that knows the schemas of what it gives out.</summary>
    public PartitionReader Open(SourceDefinition source, TopicPartition partition, long position, Action wake) =>
        new(Broker, partition, position, withHeaders: true, wake) { Schemas = SchemaPrefetch.For(source, this) };

    /// <summary>
    /// The same for a reader that may have to hold what it has fetched for as long as a client likes:
    /// it shares a small room with the source's other partitions.
    /// </summary>
    public PartitionReader OpenSmall(SourceDefinition source, TopicPartition partition, long position, Action wake) =>
        new(Broker, partition, position, withHeaders: true, wake)
        {
            Schemas = SchemaPrefetch.For(source, this),
            MaxFetchBytes = Math.Max(SmallRoomBytes / Math.Max(1, source.Partitions), MinFetchBytes),
            MaxRows = SmallRows,
        };
}
