#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the partitions of topics, page by page (KIP-966). No topics means all of them.</summary>
public sealed class DescribeTopicPartitionsRequest : IApiMessage<DescribeTopicPartitionsRequest>
{
    public List<Topic> Topics = [];
    public int ResponsePartitionLimit = 2000;
    public DescribeTopicPartitionsCursor? Cursor;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeTopicPartitionsRequest> Schema { get; } = new MessageSchema<DescribeTopicPartitionsRequest>()
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Int32("0+", static m => ref m.ResponsePartitionLimit)
        .NullableStruct("0+", static m => ref m.Cursor, DescribeTopicPartitionsCursor.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name);
    }
}

/// <summary>A page of partitions, and where the next one begins.</summary>
public sealed class DescribeTopicPartitionsResponse : IApiMessage<DescribeTopicPartitionsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];
    public DescribeTopicPartitionsCursor? NextCursor;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeTopicPartitionsResponse> Schema { get; } = new MessageSchema<DescribeTopicPartitionsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .NullableStruct("0+", static m => ref m.NextCursor, DescribeTopicPartitionsCursor.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public ErrorCode ErrorCode;
        public string? Name;
        public Guid TopicId;
        public bool IsInternal;
        public List<Partition> Partitions = [];
        public int TopicAuthorizedOperations = int.MinValue;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.Name)
            .Uuid("0+", static m => ref m.TopicId)
            .Bool("0+", static m => ref m.IsInternal)
            .Array("0+", static m => ref m.Partitions, Partition.Schema)
            .Int32("0+", static m => ref m.TopicAuthorizedOperations);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public ErrorCode ErrorCode;
        public int PartitionIndex;
        public int LeaderId;
        public int LeaderEpoch = -1;
        public List<int> ReplicaNodes = [];
        public List<int> IsrNodes = [];
        public List<int>? EligibleLeaderReplicas;
        public List<int>? LastKnownElr;
        public List<int> OfflineReplicas = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Error("0+", static m => ref m.ErrorCode)
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32("0+", static m => ref m.LeaderId)
            .Int32("0+", static m => ref m.LeaderEpoch)
            .Int32Array("0+", static m => ref m.ReplicaNodes)
            .Int32Array("0+", static m => ref m.IsrNodes)
            .NullableInt32Array("0+", static m => ref m.EligibleLeaderReplicas)
            .NullableInt32Array("0+", static m => ref m.LastKnownElr)
            .Int32Array("0+", static m => ref m.OfflineReplicas);
    }
}
