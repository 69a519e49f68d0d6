using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a member of a consumer group.</summary>
internal sealed class ConsumerGroupCurrentMemberAssignmentKey
{
    public const short Type = 8;

    public string GroupId = "";
    public string MemberId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupCurrentMemberAssignmentKey> Schema =
        new MessageSchema<ConsumerGroupCurrentMemberAssignmentKey>()
            .String("0+", static m => ref m.GroupId)
            .String("0+", static m => ref m.MemberId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupCurrentMemberAssignmentKey> Codec = new(Type, Schema);
}

/// <summary>What a member has now, and what it is giving up.</summary>
internal sealed class ConsumerGroupCurrentMemberAssignmentValue
{
    public int MemberEpoch;
    public int PreviousMemberEpoch;
    public sbyte State;
    public List<AssignedTopic> AssignedPartitions = [];
    public List<AssignedTopic> PartitionsPendingRevocation = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupCurrentMemberAssignmentValue> Schema =
        new MessageSchema<ConsumerGroupCurrentMemberAssignmentValue>()
            .Int32("0+", static m => ref m.MemberEpoch)
            .Int32("0+", static m => ref m.PreviousMemberEpoch)
            .Int8("0+", static m => ref m.State)
            .Array("0+", static m => ref m.AssignedPartitions, AssignedTopic.Schema)
            .Array("0+", static m => ref m.PartitionsPendingRevocation, AssignedTopic.Schema);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupCurrentMemberAssignmentValue> Codec = new(0, 0, 0, Schema);

    /// <summary>Partitions of a topic.</summary>
    public sealed class AssignedTopic
    {
        public Guid TopicId;
        public List<int> Partitions = [];
        public List<int>? AssignmentEpochs;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<AssignedTopic> Schema = new MessageSchema<AssignedTopic>()
            .Uuid("0+", static m => ref m.TopicId)
            .Int32Array("0+", static m => ref m.Partitions)
            .NullableInt32Array("0+", static m => ref m.AssignmentEpochs, tag: 0);
    }
}
