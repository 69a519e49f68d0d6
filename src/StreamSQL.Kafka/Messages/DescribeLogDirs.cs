#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the log directories and what their partitions take (KIP-113). No topics means all of them.</summary>
public sealed class DescribeLogDirsRequest : IApiMessage<DescribeLogDirsRequest>
{
    public List<Topic>? Topics;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeLogDirsRequest> Schema { get; } = new MessageSchema<DescribeLogDirsRequest>()
        .NullableArray("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32Array("0+", static m => ref m.Partitions);
    }
}

/// <summary>The log directories.</summary>
public sealed class DescribeLogDirsResponse : IApiMessage<DescribeLogDirsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<LogDirectory> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeLogDirsResponse> Schema { get; } = new MessageSchema<DescribeLogDirsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("3+", static m => ref m.ErrorCode)
        .Array("0+", static m => ref m.Results, LogDirectory.Schema);

    /// <summary>A log directory.</summary>
    public sealed class LogDirectory
    {
        public ErrorCode ErrorCode;
        public string LogDir = "";
        public List<Topic> Topics = [];
        public long TotalBytes = -1;
        public long UsableBytes = -1;
        public bool IsCordoned;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<LogDirectory> Schema = new MessageSchema<LogDirectory>()
            .Error("0+", static m => ref m.ErrorCode)
            .String("0+", static m => ref m.LogDir)
            .Array("0+", static m => ref m.Topics, Topic.Schema)
            .Int64("4+", static m => ref m.TotalBytes)
            .Int64("4+", static m => ref m.UsableBytes)
            .Bool("5+", static m => ref m.IsCordoned);
    }

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
        public long PartitionSize;
        public long OffsetLag;
        public bool IsFutureKey;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int64("0+", static m => ref m.PartitionSize)
            .Int64("0+", static m => ref m.OffsetLag)
            .Bool("0+", static m => ref m.IsFutureKey);
    }
}
