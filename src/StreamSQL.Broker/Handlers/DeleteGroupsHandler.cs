using StreamSQL.Broker.Network;
using StreamSQL.Broker.Offsets;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Deletes groups without members, with their committed offsets.</summary>
internal sealed class DeleteGroupsHandler(BrokerServices services) : ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse>(Apis.DeleteGroups)
{
    protected override async ValueTask<DeleteGroupsResponse?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        var response = new DeleteGroupsResponse();
        foreach (string groupId in request.GroupsNames)
            response.Results.Add(new() { GroupId = groupId, ErrorCode = await DeleteAsync(groupId) });
        return response;
    }

    private async ValueTask<ErrorCode> DeleteAsync(string groupId)
    {
        OffsetStore offsets = services.Host.Offsets;
        bool hasMembers = services.Groups.Run(groupId, absent: false, static (group, _, _) => !group.IsDeserted);
        if (hasMembers)
            return ErrorCode.NonEmptyGroup;
        return offsets.Groups.Contains(groupId) ? await offsets.DeleteAsync(groupId, partitions: null) : ErrorCode.GroupIdNotFound;
    }
}
