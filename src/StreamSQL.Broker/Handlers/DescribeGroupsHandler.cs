using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Groups under the classic protocol, with their members.</summary>
internal sealed class DescribeGroupsHandler(BrokerServices services)
    : ApiHandler<DescribeGroupsRequest, DescribeGroupsResponse>(Apis.DescribeGroups)
{
    private const string Dead = "Dead"; // what Kafka calls a group that does not exist
    private const short FirstThatSaysNotFound = 6; // KIP-1043

    protected override ValueTask<DescribeGroupsResponse?> HandleAsync(DescribeGroupsRequest request, RequestContext context)
    {
        var response = new DescribeGroupsResponse();
        foreach (string groupId in request.Groups)
        {
            response.Groups.Add(services.Groups.DescribeClassic(groupId) is { } description
                ? Describe(description)
                : Missing(groupId, context.Header.Version >= FirstThatSaysNotFound));
            DescribeGroupsResponse.Group answer = response.Groups[^1];
            if (request.IncludeAuthorizedOperations && answer.ErrorCode == ErrorCode.None)
                answer.AuthorizedOperations = AuthorizedOperations.Group;
        }
        return new(response);
    }

    private static DescribeGroupsResponse.Group Missing(string groupId, bool saysNotFound) => new()
    {
        GroupId = groupId,
        GroupState = Dead,
        ErrorCode = saysNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.None,
        ErrorMessage = saysNotFound ? $"There is no group '{groupId}' under the classic protocol." : null,
    };

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
