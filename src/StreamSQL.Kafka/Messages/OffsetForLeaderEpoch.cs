#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks where leader epochs end (KIP-320).</summary>
public sealed class OffsetForLeaderEpochRequest : IApiMessage<OffsetForLeaderEpochRequest>
{
    public int ReplicaId = -2;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<OffsetForLeaderEpochRequest> Schema { get; } = new MessageSchema<OffsetForLeaderEpochRequest>()
        .Int32("3+", static m => ref m.ReplicaId)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public int CurrentLeaderEpoch = -1;
        public int LeaderEpoch;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32("2+", static m => ref m.CurrentLeaderEpoch)
            .Int32("0+", static m => ref m.LeaderEpoch);
    }
}

/// <summary>The end offset of each epoch asked for.</summary>
public sealed class OffsetForLeaderEpochResponse : IApiMessage<OffsetForLeaderEpochResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<OffsetForLeaderEpochResponse> Schema { get; } = new MessageSchema<OffsetForLeaderEpochResponse>()
        .Int32("2+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<EpochEndOffset> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Array("0+", static m => ref m.Partitions, EpochEndOffset.Schema);
    }

    /// <summary>Where a leader epoch ends.</summary>
    public sealed class EpochEndOffset
    {
        public ErrorCode ErrorCode;
        public int Partition;
        public int LeaderEpoch = -1;
        public long EndOffset = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<EpochEndOffset> Schema = new MessageSchema<EpochEndOffset>()
            .Error("0+", static m => ref m.ErrorCode)
            .Int32("0+", static m => ref m.Partition)
            .Int32("1+", static m => ref m.LeaderEpoch)
            .Int64("0+", static m => ref m.EndOffset);
    }
}
