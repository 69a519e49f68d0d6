#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Moves replicas to other log directories of the broker (KIP-113).</summary>
public sealed class AlterReplicaLogDirsRequest : IApiMessage<AlterReplicaLogDirsRequest>
{
    public List<LogDirectory> Dirs = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterReplicaLogDirsRequest> Schema { get; } = new MessageSchema<AlterReplicaLogDirsRequest>()
        .Array("0+", static m => ref m.Dirs, LogDirectory.Schema);

    /// <summary>A log directory and what is to move there.</summary>
    public sealed class LogDirectory
    {
        public string Path = "";
        public List<Topic> Topics = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<LogDirectory> Schema = new MessageSchema<LogDirectory>()
            .String("0+", static m => ref m.Path)
            .Array("0+", static m => ref m.Topics, Topic.Schema);
    }

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

/// <summary>What became of each partition.</summary>
public sealed class AlterReplicaLogDirsResponse : IApiMessage<AlterReplicaLogDirsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterReplicaLogDirsResponse> Schema { get; } = new MessageSchema<AlterReplicaLogDirsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Results, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string TopicName = "";
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.TopicName)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
