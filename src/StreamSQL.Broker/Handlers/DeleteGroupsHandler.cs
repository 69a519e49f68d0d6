using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Deletes groups without members, with their committed offsets.</summary>
internal sealed class DeleteGroupsHandler(BrokerServices services)
    : ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse>(Apis.DeleteGroups)
{
    protected override async ValueTask<DeleteGroupsResponse?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        var response = new DeleteGroupsResponse();
        foreach (string groupId in request.GroupsNames)
            response.Results.Add(new() { GroupId = groupId, ErrorCode = await services.Groups.DeleteAsync(groupId) });
        return response;
    }
}
