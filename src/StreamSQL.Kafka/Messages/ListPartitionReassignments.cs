#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for reassignments under way (KIP-455). No topics means all of them.</summary>
public sealed class ListPartitionReassignmentsRequest : IApiMessage<ListPartitionReassignmentsRequest>
{
    public int TimeoutMs = 60000;
    public List<Topic>? Topics;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListPartitionReassignmentsRequest> Schema { get; } = new MessageSchema<ListPartitionReassignmentsRequest>()
        .Int32("0+", static m => ref m.TimeoutMs)
        .NullableArray("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<int> PartitionIndexes = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32Array("0+", static m => ref m.PartitionIndexes);
    }
}

/// <summary>The reassignments under way.</summary>
public sealed class ListPartitionReassignmentsResponse : IApiMessage<ListPartitionReassignmentsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListPartitionReassignmentsResponse> Schema { get; } =
        new MessageSchema<ListPartitionReassignmentsResponse>()
            .Int32("0+", static m => ref m.ThrottleTimeMs)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
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

    /// <summary>A partition that moves.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public List<int> Replicas = [];
        public List<int> AddingReplicas = [];
        public List<int> RemovingReplicas = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32Array("0+", static m => ref m.Replicas)
            .Int32Array("0+", static m => ref m.AddingReplicas)
            .Int32Array("0+", static m => ref m.RemovingReplicas);
    }
}
