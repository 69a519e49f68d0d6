#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Hands over (leader) and asks for assignments.</summary>
public sealed class SyncGroupRequest : IApiMessage<SyncGroupRequest>
{
    public string GroupId = "";
    public int GenerationId;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string? ProtocolType;
    public string? ProtocolName;
    public List<MemberAssignment> Assignments = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<SyncGroupRequest> Schema { get; } = new MessageSchema<SyncGroupRequest>()
        .String("0+", static m => ref m.GroupId)
        .Int32("0+", static m => ref m.GenerationId)
        .String("0+", static m => ref m.MemberId)
        .NullableString("3+", static m => ref m.GroupInstanceId)
        .NullableString("5+", static m => ref m.ProtocolType)
        .NullableString("5+", static m => ref m.ProtocolName)
        .Array("0+", static m => ref m.Assignments, MemberAssignment.Schema);

    /// <summary>The assignment of one member.</summary>
    public sealed class MemberAssignment
    {
        public string MemberId = "";
        public ReadOnlyMemory<byte> Assignment;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<MemberAssignment> Schema = new MessageSchema<MemberAssignment>()
            .String("0+", static m => ref m.MemberId)
            .Bytes("0+", static m => ref m.Assignment);
    }
}

/// <summary>The assignment of the member.</summary>
public sealed class SyncGroupResponse : IApiMessage<SyncGroupResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public string? ProtocolType;
    public string? ProtocolName;
    public ReadOnlyMemory<byte> Assignment;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<SyncGroupResponse> Schema { get; } = new MessageSchema<SyncGroupResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("5+", static m => ref m.ProtocolType)
        .NullableString("5+", static m => ref m.ProtocolName)
        .Bytes("0+", static m => ref m.Assignment);
}
