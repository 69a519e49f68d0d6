using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Groups with their members.</summary>
internal sealed class DescribeGroupsHandler(BrokerServices services)
    : ApiHandler<DescribeGroupsRequest, DescribeGroupsResponse>(Apis.DescribeGroups)
{
    private const string Dead = "Dead"; // what Kafka calls a group that does not exist

    public override short MaxVersion => 5;

    protected override ValueTask<DescribeGroupsResponse?> HandleAsync(DescribeGroupsRequest request, RequestContext context)
    {
        var response = new DescribeGroupsResponse();
        var withOffsets = new HashSet<string>(services.Host.Offsets.Groups);
        foreach (string groupId in request.Groups)
        {
            GroupDescription? description = services.Groups.Run<GroupDescription?>(groupId, null, static (group, _, _) => group.Describe());
            response.Groups.Add(description is null
                ? new() { GroupId = groupId, GroupState = withOffsets.Contains(groupId) ? nameof(GroupPhase.Empty) : Dead }
                : Describe(description));
        }
        return new(response);
    }

    private static DescribeGroupsResponse.Group Describe(GroupDescription description) => new()
    {
        GroupId = description.GroupId,
        GroupState = description.Phase.ToString(),
        ProtocolType = description.ProtocolType,
        ProtocolData = description.ProtocolName,
        Members = [.. description.Members.Select(Describe)],
    };

    private static DescribeGroupsResponse.Member Describe(MemberDescription member) => new()
    {
        MemberId = member.MemberId,
        GroupInstanceId = member.InstanceId,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        MemberMetadata = member.Metadata,
        MemberAssignment = member.Assignment,
    };
}
