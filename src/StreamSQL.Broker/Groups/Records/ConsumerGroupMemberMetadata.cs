using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a member of a consumer group.</summary>
internal sealed class ConsumerGroupMemberMetadataKey
{
    public const short Type = 5;

    public string GroupId = "";
    public string MemberId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupMemberMetadataKey> Schema = new MessageSchema<ConsumerGroupMemberMetadataKey>()
        .String("0+", static m => ref m.GroupId)
        .String("0+", static m => ref m.MemberId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupMemberMetadataKey> Codec = new(Type, Schema);
}

/// <summary>What a member of a consumer group asks for.</summary>
internal sealed class ConsumerGroupMemberMetadataValue
{
    public string? InstanceId;
    public string? RackId;
    public string ClientId = "";
    public string ClientHost = "";
    public List<string> SubscribedTopicNames = [];
    public string? SubscribedTopicRegex;
    public int RebalanceTimeoutMs = -1;
    public string? ServerAssignor;
    public ClassicMember? ClassicMemberMetadata;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupMemberMetadataValue> Schema = new MessageSchema<ConsumerGroupMemberMetadataValue>()
        .NullableString("0+", static m => ref m.InstanceId)
        .NullableString("0+", static m => ref m.RackId)
        .String("0+", static m => ref m.ClientId)
        .String("0+", static m => ref m.ClientHost)
        .StringArray("0+", static m => ref m.SubscribedTopicNames)
        .NullableString("0+", static m => ref m.SubscribedTopicRegex)
        .Int32("0+", static m => ref m.RebalanceTimeoutMs)
        .NullableString("0+", static m => ref m.ServerAssignor)
        .NullableStruct("0+", static m => ref m.ClassicMemberMetadata, ClassicMember.Schema, tag: 0);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupMemberMetadataValue> Codec = new(0, 0, 0, Schema);

    /// <summary>What a member said that speaks the classic protocol.</summary>
    public sealed class ClassicMember
    {
        public int SessionTimeoutMs;
        public List<ClassicProtocol> SupportedProtocols = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<ClassicMember> Schema = new MessageSchema<ClassicMember>()
            .Int32("0+", static m => ref m.SessionTimeoutMs)
            .Array("0+", static m => ref m.SupportedProtocols, ClassicProtocol.Schema);
    }

    /// <summary>A protocol of such a member.</summary>
    public sealed class ClassicProtocol
    {
        public string Name = "";
        public ReadOnlyMemory<byte> Metadata;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<ClassicProtocol> Schema = new MessageSchema<ClassicProtocol>()
            .String("0+", static m => ref m.Name)
            .Bytes("0+", static m => ref m.Metadata);
    }
}
