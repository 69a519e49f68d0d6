#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Elects leaders: the preferred replica, or any (KIP-460). No topics means all of them.</summary>
public sealed class ElectLeadersRequest : IApiMessage<ElectLeadersRequest>
{
    public sbyte ElectionType;
    public List<Topic>? TopicPartitions;
    public int TimeoutMs = 60000;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ElectLeadersRequest> Schema { get; } = new MessageSchema<ElectLeadersRequest>()
        .Int8("1+", static m => ref m.ElectionType)
        .NullableArray("0+", static m => ref m.TopicPartitions, Topic.Schema)
        .Int32("0+", static m => ref m.TimeoutMs);

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
public sealed class ElectLeadersResponse : IApiMessage<ElectLeadersResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<ElectionResult> ReplicaElectionResults = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ElectLeadersResponse> Schema { get; } = new MessageSchema<ElectLeadersResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("1+", static m => ref m.ErrorCode)
        .Array("0+", static m => ref m.ReplicaElectionResults, ElectionResult.Schema);

    /// <summary>A topic.</summary>
    public sealed class ElectionResult
    {
        public string Topic = "";
        public List<Partition> PartitionResult = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<ElectionResult> Schema = new MessageSchema<ElectionResult>()
            .String("0+", static m => ref m.Topic)
            .Array("0+", static m => ref m.PartitionResult, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionId;
        public ErrorCode ErrorCode;
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionId)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage);
    }
}
