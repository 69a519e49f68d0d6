using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>The groups that have members or committed offsets.</summary>
internal sealed class ListGroupsHandler(BrokerServices services) : ApiHandler<ListGroupsRequest, ListGroupsResponse>(Apis.ListGroups)
{
    public override short MaxVersion => 4;

    protected override ValueTask<ListGroupsResponse?> HandleAsync(ListGroupsRequest request, RequestContext context)
    {
        var response = new ListGroupsResponse();
        foreach (string groupId in services.Groups.GroupIds.Union(services.Host.Offsets.Groups))
        {
            (GroupPhase phase, string type) = services.Groups.Run(
                groupId, (GroupPhase.Empty, ""), static (group, _, _) => (group.Phase, group.ProtocolType ?? ""));
            bool isWanted = request.StatesFilter.Count == 0
                || request.StatesFilter.Contains(phase.ToString(), StringComparer.OrdinalIgnoreCase);
            if (isWanted)
                response.Groups.Add(new() { GroupId = groupId, ProtocolType = type, GroupState = phase.ToString() });
        }
        return new(response);
    }
}
