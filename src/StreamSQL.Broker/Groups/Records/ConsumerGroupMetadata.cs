using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a consumer group (KIP-848).</summary>
internal sealed class ConsumerGroupMetadataKey
{
    public const short Type = 3;

    public string GroupId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupMetadataKey> Schema = new MessageSchema<ConsumerGroupMetadataKey>()
        .String("0+", static m => ref m.GroupId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupMetadataKey> Codec = new(Type, Schema);
}

/// <summary>The epoch of a consumer group.</summary>
internal sealed class ConsumerGroupMetadataValue
{
    public int Epoch;
    public long MetadataHash;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupMetadataValue> Schema = new MessageSchema<ConsumerGroupMetadataValue>()
        .Int32("0+", static m => ref m.Epoch)
        .Int64("0+", static m => ref m.MetadataHash, tag: 0);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupMetadataValue> Codec = new(0, 0, 0, Schema);
}
