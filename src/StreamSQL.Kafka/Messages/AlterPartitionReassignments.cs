#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Assigns partitions to other replicas, or cancels that (KIP-455).</summary>
public sealed class AlterPartitionReassignmentsRequest : IApiMessage<AlterPartitionReassignmentsRequest>
{
    public int TimeoutMs = 60000;
    public bool AllowReplicationFactorChange = true;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterPartitionReassignmentsRequest> Schema { get; } =
        new MessageSchema<AlterPartitionReassignmentsRequest>()
            .Int32("0+", static m => ref m.TimeoutMs)
            .Bool("1+", static m => ref m.AllowReplicationFactorChange)
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

    /// <summary>A partition; no replicas cancels its reassignment.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public List<int>? Replicas;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .NullableInt32Array("0+", static m => ref m.Replicas);
    }
}

/// <summary>What became of each partition.</summary>
public sealed class AlterPartitionReassignmentsResponse : IApiMessage<AlterPartitionReassignmentsResponse>
{
    public int ThrottleTimeMs;
    public bool AllowReplicationFactorChange = true;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<Topic> Responses = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AlterPartitionReassignmentsResponse> Schema { get; } =
        new MessageSchema<AlterPartitionReassignmentsResponse>()
            .Int32("0+", static m => ref m.ThrottleTimeMs)
            .Bool("1+", static m => ref m.AllowReplicationFactorChange)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Array("0+", static m => ref m.Responses, Topic.Schema);

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
        public string? ErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage);
    }
}
