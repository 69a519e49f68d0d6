using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a member of a consumer group.</summary>
internal sealed class ConsumerGroupTargetAssignmentMemberKey
{
    public const short Type = 7;

    public string GroupId = "";
    public string MemberId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupTargetAssignmentMemberKey> Schema =
        new MessageSchema<ConsumerGroupTargetAssignmentMemberKey>()
            .String("0+", static m => ref m.GroupId)
            .String("0+", static m => ref m.MemberId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupTargetAssignmentMemberKey> Codec = new(Type, Schema);
}

/// <summary>What a member shall have.</summary>
internal sealed class ConsumerGroupTargetAssignmentMemberValue
{
    public List<AssignedTopic> TopicPartitions = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupTargetAssignmentMemberValue> Schema =
        new MessageSchema<ConsumerGroupTargetAssignmentMemberValue>()
            .Array("0+", static m => ref m.TopicPartitions, AssignedTopic.Schema);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupTargetAssignmentMemberValue> Codec = new(0, 0, 0, Schema);

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
