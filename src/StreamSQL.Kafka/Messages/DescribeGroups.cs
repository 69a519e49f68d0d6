#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the state of groups.</summary>
public sealed class DescribeGroupsRequest : IApiMessage<DescribeGroupsRequest>
{
    public List<string> Groups = [];
    public bool IncludeAuthorizedOperations;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeGroupsRequest> Schema { get; } = new MessageSchema<DescribeGroupsRequest>()
        .StringArray("0+", static m => ref m.Groups)
        .Bool("3+", static m => ref m.IncludeAuthorizedOperations);
}

/// <summary>Groups with their members.</summary>
public sealed class DescribeGroupsResponse : IApiMessage<DescribeGroupsResponse>
{
    public int ThrottleTimeMs;
    public List<Group> Groups = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeGroupsResponse> Schema { get; } = new MessageSchema<DescribeGroupsResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Groups, Group.Schema);

    /// <summary>A group.</summary>
    public sealed class Group
    {
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public string GroupId = "";
        public string GroupState = "";
        public string ProtocolType = "";
        public string ProtocolData = "";
        public List<Member> Members = [];
        public int AuthorizedOperations = int.MinValue;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Group> Schema = new MessageSchema<Group>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("6+", static m => ref m.ErrorMessage)
            .String("0+", static m => ref m.GroupId)
            .String("0+", static m => ref m.GroupState)
            .String("0+", static m => ref m.ProtocolType)
            .String("0+", static m => ref m.ProtocolData)
            .Array("0+", static m => ref m.Members, Member.Schema)
            .Int32("3+", static m => ref m.AuthorizedOperations);
    }

    /// <summary>A member.</summary>
    public sealed class Member
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public string ClientId = "";
        public string ClientHost = "";
        public ReadOnlyMemory<byte> MemberMetadata;
        public ReadOnlyMemory<byte> MemberAssignment;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Member> Schema = new MessageSchema<Member>()
            .String("0+", static m => ref m.MemberId)
            .NullableString("4+", static m => ref m.GroupInstanceId)
            .String("0+", static m => ref m.ClientId)
            .String("0+", static m => ref m.ClientHost)
            .Bytes("0+", static m => ref m.MemberMetadata)
            .Bytes("0+", static m => ref m.MemberAssignment);
    }
}
