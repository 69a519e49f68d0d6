#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the offset at a timestamp, or at the start or end of a log.</summary>
public sealed class ListOffsetsRequest : IApiMessage<ListOffsetsRequest>
{
    public int ReplicaId;
    public sbyte IsolationLevel;
    public List<Topic> Topics = [];
    public int TimeoutMs;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListOffsetsRequest> Schema { get; } = new MessageSchema<ListOffsetsRequest>()
        .Int32("0+", static m => ref m.ReplicaId)
        .Int8("2+", static m => ref m.IsolationLevel)
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Int32("10+", static m => ref m.TimeoutMs);

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
        public long Timestamp;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32("4+", static m => ref m.CurrentLeaderEpoch)
            .Int64("0+", static m => ref m.Timestamp);
    }
}

/// <summary>Offsets found.</summary>
public sealed class ListOffsetsResponse : IApiMessage<ListOffsetsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListOffsetsResponse> Schema { get; } = new MessageSchema<ListOffsetsResponse>()
        .Int32("2+", static m => ref m.ThrottleTimeMs)
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
        public ErrorCode ErrorCode;
        public long Timestamp = -1;
        public long Offset = -1;
        public int LeaderEpoch = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode)
            .Int64("1+", static m => ref m.Timestamp)
            .Int64("1+", static m => ref m.Offset)
            .Int32("4+", static m => ref m.LeaderEpoch);
    }
}
