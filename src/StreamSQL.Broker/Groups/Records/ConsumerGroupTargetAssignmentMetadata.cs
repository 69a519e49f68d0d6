using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a consumer group.</summary>
internal sealed class ConsumerGroupTargetAssignmentMetadataKey
{
    public const short Type = 6;

    public string GroupId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupTargetAssignmentMetadataKey> Schema =
        new MessageSchema<ConsumerGroupTargetAssignmentMetadataKey>()
            .String("0+", static m => ref m.GroupId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupTargetAssignmentMetadataKey> Codec = new(Type, Schema);
}

/// <summary>The group epoch for which the target assignment was made.</summary>
internal sealed class ConsumerGroupTargetAssignmentMetadataValue
{
    public int AssignmentEpoch;
    public long AssignmentTimestamp;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupTargetAssignmentMetadataValue> Schema =
        new MessageSchema<ConsumerGroupTargetAssignmentMetadataValue>()
            .Int32("0+", static m => ref m.AssignmentEpoch)
            .Int64("0+", static m => ref m.AssignmentTimestamp, tag: 0);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupTargetAssignmentMetadataValue> Codec = new(0, 0, 0, Schema);
}
