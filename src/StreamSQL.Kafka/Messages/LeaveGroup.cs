#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Takes members out of a group at once.</summary>
public sealed class LeaveGroupRequest : IApiMessage<LeaveGroupRequest>
{
    public string GroupId = "";
    public string MemberId = "";
    public List<Member> Members = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<LeaveGroupRequest> Schema { get; } = new MessageSchema<LeaveGroupRequest>()
        .String("0+", static m => ref m.GroupId)
        .String("0-2", static m => ref m.MemberId)
        .Array("3+", static m => ref m.Members, Member.Schema);

    /// <summary>A member.</summary>
    public sealed class Member
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public string? Reason;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Member> Schema = new MessageSchema<Member>()
            .String("3+", static m => ref m.MemberId)
            .NullableString("3+", static m => ref m.GroupInstanceId)
            .NullableString("5+", static m => ref m.Reason);
    }
}

/// <summary>What became of each member.</summary>
public sealed class LeaveGroupResponse : IApiMessage<LeaveGroupResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<Member> Members = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<LeaveGroupResponse> Schema { get; } = new MessageSchema<LeaveGroupResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .Array("3+", static m => ref m.Members, Member.Schema);

    /// <summary>A member.</summary>
    public sealed class Member
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Member> Schema = new MessageSchema<Member>()
            .String("3+", static m => ref m.MemberId)
            .NullableString("3+", static m => ref m.GroupInstanceId)
            .Error("3+", static m => ref m.ErrorCode);
    }
}
