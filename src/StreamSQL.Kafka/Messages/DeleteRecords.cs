#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Moves the start of logs up.</summary>
public sealed class DeleteRecordsRequest : IApiMessage<DeleteRecordsRequest>
{
    public List<Topic> Topics = [];
    public int TimeoutMs;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteRecordsRequest> Schema { get; } = new MessageSchema<DeleteRecordsRequest>()
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Int32("0+", static m => ref m.TimeoutMs);

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
        public long Offset;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int64("0+", static m => ref m.Offset);
    }
}

/// <summary>The new log starts.</summary>
public sealed class DeleteRecordsResponse : IApiMessage<DeleteRecordsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteRecordsResponse> Schema { get; } = new MessageSchema<DeleteRecordsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
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
        public long LowWatermark;
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int64("0+", static m => ref m.LowWatermark)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
