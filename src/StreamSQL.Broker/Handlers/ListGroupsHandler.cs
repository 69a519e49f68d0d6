using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The groups that have members, had some, or have committed offsets; filtered by state (KIP-518) and type (KIP-848).</summary>
internal sealed class ListGroupsHandler(BrokerServices services) : ApiHandler<ListGroupsRequest, ListGroupsResponse>(Apis.ListGroups)
{
    protected override ValueTask<ListGroupsResponse?> HandleAsync(ListGroupsRequest request, RequestContext context)
    {
        var response = new ListGroupsResponse();
        foreach (GroupListing group in services.Groups.List())
        {
            if (!IsWanted(request.StatesFilter, group.State) || !IsWanted(request.TypesFilter, group.Type))
                continue;
            response.Groups.Add(
                new() { GroupId = group.GroupId, ProtocolType = group.ProtocolType, GroupState = group.State, GroupType = group.Type });
        }
        return new(response);
    }

    private static bool IsWanted(List<string> filter, string value) =>
        filter.Count == 0 || filter.Contains(value, StringComparer.OrdinalIgnoreCase);
}
