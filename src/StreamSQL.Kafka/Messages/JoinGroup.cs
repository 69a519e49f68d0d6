#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Joins a consumer group (classic protocol).</summary>
public sealed class JoinGroupRequest : IApiMessage<JoinGroupRequest>
{
    public string GroupId = "";
    public int SessionTimeoutMs;
    public int RebalanceTimeoutMs = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string ProtocolType = "";
    public List<Protocol> Protocols = [];
    public string? Reason;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<JoinGroupRequest> Schema { get; } = new MessageSchema<JoinGroupRequest>()
        .String("0+", static m => ref m.GroupId)
        .Int32("0+", static m => ref m.SessionTimeoutMs)
        .Int32("1+", static m => ref m.RebalanceTimeoutMs)
        .String("0+", static m => ref m.MemberId)
        .NullableString("5+", static m => ref m.GroupInstanceId)
        .String("0+", static m => ref m.ProtocolType)
        .Array("0+", static m => ref m.Protocols, Protocol.Schema)
        .NullableString("8+", static m => ref m.Reason);

    /// <summary>An assignor that the member supports.</summary>
    public sealed class Protocol
    {
        public string Name = "";
        public ReadOnlyMemory<byte> Metadata;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Protocol> Schema = new MessageSchema<Protocol>()
            .String("0+", static m => ref m.Name)
            .Bytes("0+", static m => ref m.Metadata);
    }
}

/// <summary>The generation joined; for its leader also all members.</summary>
public sealed class JoinGroupResponse : IApiMessage<JoinGroupResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public int GenerationId = -1;
    public string? ProtocolType;
    public string? ProtocolName;
    public string Leader = "";
    public bool SkipAssignment;
    public string MemberId = "";
    public List<Member> Members = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<JoinGroupResponse> Schema { get; } = new MessageSchema<JoinGroupResponse>()
        .Int32("2+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .Int32("0+", static m => ref m.GenerationId)
        .NullableString("7+", static m => ref m.ProtocolType)
        .NullableString("0+", static m => ref m.ProtocolName, nullable: "7+")
        .String("0+", static m => ref m.Leader)
        .Bool("9+", static m => ref m.SkipAssignment)
        .String("0+", static m => ref m.MemberId)
        .Array("0+", static m => ref m.Members, Member.Schema);

    /// <summary>A member.</summary>
    public sealed class Member
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public ReadOnlyMemory<byte> Metadata;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Member> Schema = new MessageSchema<Member>()
            .String("0+", static m => ref m.MemberId)
            .NullableString("5+", static m => ref m.GroupInstanceId)
            .Bytes("0+", static m => ref m.Metadata);
    }
}
