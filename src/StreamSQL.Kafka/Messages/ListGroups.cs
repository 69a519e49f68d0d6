#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Lists groups.</summary>
public sealed class ListGroupsRequest : IApiMessage<ListGroupsRequest>
{
    public List<string> StatesFilter = [];
    public List<string> TypesFilter = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListGroupsRequest> Schema { get; } = new MessageSchema<ListGroupsRequest>()
        .StringArray("4+", static m => ref m.StatesFilter)
        .StringArray("5+", static m => ref m.TypesFilter);
}

/// <summary>The groups of this broker.</summary>
public sealed class ListGroupsResponse : IApiMessage<ListGroupsResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<Group> Groups = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ListGroupsResponse> Schema { get; } = new MessageSchema<ListGroupsResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Error("0+", static m => ref m.ErrorCode)
        .Array("0+", static m => ref m.Groups, Group.Schema);

    /// <summary>A group.</summary>
    public sealed class Group
    {
        public string GroupId = "";
        public string ProtocolType = "";
        public string GroupState = "";
        public string GroupType = "";

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Group> Schema = new MessageSchema<Group>()
            .String("0+", static m => ref m.GroupId)
            .String("0+", static m => ref m.ProtocolType)
            .String("4+", static m => ref m.GroupState)
            .String("5+", static m => ref m.GroupType);
    }
}
