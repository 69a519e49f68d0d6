#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the state of consumer groups (KIP-848).</summary>
public sealed class ConsumerGroupDescribeRequest : IApiMessage<ConsumerGroupDescribeRequest>
{
    public List<string> GroupIds = [];
    public bool IncludeAuthorizedOperations;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ConsumerGroupDescribeRequest> Schema { get; } = new MessageSchema<ConsumerGroupDescribeRequest>()
        .StringArray("0+", static m => ref m.GroupIds)
        .Bool("0+", static m => ref m.IncludeAuthorizedOperations);
}

/// <summary>Consumer groups with their members.</summary>
public sealed class ConsumerGroupDescribeResponse : IApiMessage<ConsumerGroupDescribeResponse>
{
    public int ThrottleTimeMs;
    public List<Group> Groups = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ConsumerGroupDescribeResponse> Schema { get; } = new MessageSchema<ConsumerGroupDescribeResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Groups, Group.Schema);

    /// <summary>A group.</summary>
    public sealed class Group
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public string GroupId = "";
        public string GroupState = "";
        public int GroupEpoch;
        public int AssignmentEpoch;
        public string AssignorName = "";
        public List<Member> Members = [];
        public int AuthorizedOperations = int.MinValue;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Group> Schema = new MessageSchema<Group>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .String("0+", static m => ref m.GroupId)
            .String("0+", static m => ref m.GroupState)
            .Int32("0+", static m => ref m.GroupEpoch)
            .Int32("0+", static m => ref m.AssignmentEpoch)
            .String("0+", static m => ref m.AssignorName)
            .Array("0+", static m => ref m.Members, Member.Schema)
            .Int32("0+", static m => ref m.AuthorizedOperations);
    }

    /// <summary>A member.</summary>
    public sealed class Member
    {
        public string MemberId = "";
        public string? InstanceId;
        public string? RackId;
        public int MemberEpoch;
        public string ClientId = "";
        public string ClientHost = "";
        public List<string> SubscribedTopicNames = [];
        public string? SubscribedTopicRegex;
        public Assignment Assignment = new();
        public Assignment TargetAssignment = new();
        public sbyte MemberType = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Member> Schema = new MessageSchema<Member>()
            .String("0+", static m => ref m.MemberId)
            .NullableString("0+", static m => ref m.InstanceId)
            .NullableString("0+", static m => ref m.RackId)
            .Int32("0+", static m => ref m.MemberEpoch)
            .String("0+", static m => ref m.ClientId)
            .String("0+", static m => ref m.ClientHost)
            .StringArray("0+", static m => ref m.SubscribedTopicNames)
            .NullableString("0+", static m => ref m.SubscribedTopicRegex)
            .Struct("0+", static m => ref m.Assignment, Assignment.Schema)
            .Struct("0+", static m => ref m.TargetAssignment, Assignment.Schema)
            .Int8("1+", static m => ref m.MemberType);
    }

    /// <summary>Partitions of a member.</summary>
    public sealed class Assignment
    {
        public List<AssignedTopic> TopicPartitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Assignment> Schema = new MessageSchema<Assignment>()
            .Array("0+", static m => ref m.TopicPartitions, AssignedTopic.Schema);
    }

    /// <summary>Partitions of a topic.</summary>
    public sealed class AssignedTopic
    {
        public Guid TopicId;
        public string TopicName = "";
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<AssignedTopic> Schema = new MessageSchema<AssignedTopic>()
            .Uuid("0+", static m => ref m.TopicId)
            .String("0+", static m => ref m.TopicName)
            .Int32Array("0+", static m => ref m.Partitions);
    }
}
