#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>
/// Joins a consumer group, keeps a membership alive, or leaves (KIP-848). What is null has not changed since the last one.
/// </summary>
public sealed class ConsumerGroupHeartbeatRequest : IApiMessage<ConsumerGroupHeartbeatRequest>
{
    public string GroupId = "";
    public string MemberId = "";
    public int MemberEpoch;
    public string? InstanceId;
    public string? RackId;
    public int RebalanceTimeoutMs = -1;
    public List<string>? SubscribedTopicNames;
    public string? SubscribedTopicRegex;
    public string? ServerAssignor;
    public List<OwnedTopic>? TopicPartitions;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ConsumerGroupHeartbeatRequest> Schema { get; } = new MessageSchema<ConsumerGroupHeartbeatRequest>()
        .String("0+", static m => ref m.GroupId)
        .String("0+", static m => ref m.MemberId)
        .Int32("0+", static m => ref m.MemberEpoch)
        .NullableString("0+", static m => ref m.InstanceId)
        .NullableString("0+", static m => ref m.RackId)
        .Int32("0+", static m => ref m.RebalanceTimeoutMs)
        .NullableStringArray("0+", static m => ref m.SubscribedTopicNames)
        .NullableString("1+", static m => ref m.SubscribedTopicRegex)
        .NullableString("0+", static m => ref m.ServerAssignor)
        .NullableArray("0+", static m => ref m.TopicPartitions, OwnedTopic.Schema);

    /// <summary>Partitions of a topic that the member owns.</summary>
    public sealed class OwnedTopic
    {
        public Guid TopicId;
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<OwnedTopic> Schema = new MessageSchema<OwnedTopic>()
            .Uuid("0+", static m => ref m.TopicId)
            .Int32Array("0+", static m => ref m.Partitions);
    }
}

/// <summary>The member's epoch and, when it changed, its assignment.</summary>
public sealed class ConsumerGroupHeartbeatResponse : IApiMessage<ConsumerGroupHeartbeatResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public string? MemberId;
    public int MemberEpoch;
    public int HeartbeatIntervalMs;
    public MemberAssignment? Assignment;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ConsumerGroupHeartbeatResponse> Schema { get; } = new MessageSchema<ConsumerGroupHeartbeatResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("0+", static m => ref m.ErrorMessage)
        .NullableString("0+", static m => ref m.MemberId)
        .Int32("0+", static m => ref m.MemberEpoch)
        .Int32("0+", static m => ref m.HeartbeatIntervalMs)
        .NullableStruct("0+", static m => ref m.Assignment, MemberAssignment.Schema);

    /// <summary>What the member may read.</summary>
    public sealed class MemberAssignment
    {
        public List<AssignedTopic> TopicPartitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<MemberAssignment> Schema = new MessageSchema<MemberAssignment>()
            .Array("0+", static m => ref m.TopicPartitions, AssignedTopic.Schema);
    }

    /// <summary>Partitions of a topic.</summary>
    public sealed class AssignedTopic
    {
        public Guid TopicId;
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<AssignedTopic> Schema = new MessageSchema<AssignedTopic>()
            .Uuid("0+", static m => ref m.TopicId)
            .Int32Array("0+", static m => ref m.Partitions);
    }
}
