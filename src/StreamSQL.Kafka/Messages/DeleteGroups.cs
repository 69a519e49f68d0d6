#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Deletes groups that are empty.</summary>
public sealed class DeleteGroupsRequest : IApiMessage<DeleteGroupsRequest>
{
    public List<string> GroupsNames = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteGroupsRequest> Schema { get; } = new MessageSchema<DeleteGroupsRequest>()
        .StringArray("0+", static m => ref m.GroupsNames);
}

/// <summary>What became of each group.</summary>
public sealed class DeleteGroupsResponse : IApiMessage<DeleteGroupsResponse>
{
    public int ThrottleTimeMs;
    public List<Group> Results = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DeleteGroupsResponse> Schema { get; } = new MessageSchema<DeleteGroupsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Results, Group.Schema);

    /// <summary>A group.</summary>
    public sealed class Group
    {
        public string GroupId = "";
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Group> Schema = new MessageSchema<Group>()
            .String("0+", static m => ref m.GroupId)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
