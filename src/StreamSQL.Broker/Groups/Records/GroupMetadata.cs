using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a classic group.</summary>
internal sealed class GroupMetadataKey
{
    public const short Type = 2;

    public string Group = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<GroupMetadataKey> Schema = new MessageSchema<GroupMetadataKey>()
        .String("0+", static m => ref m.Group);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<GroupMetadataKey> Codec = new(Type, Schema);
}

/// <summary>A classic group with its members and their assignments.</summary>
internal sealed class GroupMetadataValue
{
    public string ProtocolType = "";
    public int Generation;
    public string? Protocol;
    public string? Leader;
    public long CurrentStateTimestamp = -1;
    public List<Member> Members = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<GroupMetadataValue> Schema = new MessageSchema<GroupMetadataValue>()
        .String("0+", static m => ref m.ProtocolType)
        .Int32("0+", static m => ref m.Generation)
        .NullableString("0+", static m => ref m.Protocol)
        .NullableString("0+", static m => ref m.Leader)
        .Int64("2+", static m => ref m.CurrentStateTimestamp)
        .Array("0+", static m => ref m.Members, Member.Schema);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<GroupMetadataValue> Codec = new(0, 4, 4, Schema);

    /// <summary>A member.</summary>
    public sealed class Member
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public string ClientId = "";
        public string ClientHost = "";
        public int RebalanceTimeout = -1;
        public int SessionTimeout;
        public ReadOnlyMemory<byte> Subscription;
        public ReadOnlyMemory<byte> Assignment;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Member> Schema = new MessageSchema<Member>()
            .String("0+", static m => ref m.MemberId)
            .NullableString("3+", static m => ref m.GroupInstanceId)
            .String("0+", static m => ref m.ClientId)
            .String("0+", static m => ref m.ClientHost)
            .Int32("1+", static m => ref m.RebalanceTimeout)
            .Int32("0+", static m => ref m.SessionTimeout)
            .Bytes("0+", static m => ref m.Subscription)
            .Bytes("0+", static m => ref m.Assignment);
    }
}
