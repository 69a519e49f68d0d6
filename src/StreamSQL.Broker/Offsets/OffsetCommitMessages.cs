using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Offsets;

/// <summary>Names a committed offset.</summary>
internal sealed class OffsetCommitKey
{
    public const short LegacyType = 0;
    public const short Type = 1;

    public string Group = "";
    public string Topic = "";
    public int Partition;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<OffsetCommitKey> Schema = new MessageSchema<OffsetCommitKey>()
        .String("0+", static m => ref m.Group)
        .String("0+", static m => ref m.Topic)
        .Int32("0+", static m => ref m.Partition);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<OffsetCommitKey> Codec = new(LegacyType, Type, CoordinatorCodec.NeverFlexible, Schema);
}

/// <summary>A committed offset.</summary>
internal sealed class OffsetCommitValue
{
    public long Offset;
    public int LeaderEpoch = -1;
    public string Metadata = "";
    public long CommitTimestamp;
    public long ExpireTimestamp = -1;
    public Guid TopicId;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<OffsetCommitValue> Schema = new MessageSchema<OffsetCommitValue>()
        .Int64("0+", static m => ref m.Offset)
        .Int32("3+", static m => ref m.LeaderEpoch)
        .String("0+", static m => ref m.Metadata)
        .Int64("0+", static m => ref m.CommitTimestamp)
        .Int64("1", static m => ref m.ExpireTimestamp)
        .Uuid("4+", static m => ref m.TopicId, tag: 0);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<OffsetCommitValue> Codec = new(0, 4, 4, Schema);
}
