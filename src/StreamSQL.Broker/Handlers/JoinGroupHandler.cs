using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Joins a consumer group.</summary>
internal sealed class JoinGroupHandler(BrokerServices services) : ApiHandler<JoinGroupRequest, JoinGroupResponse>(Apis.JoinGroup)
{
    private const short FirstWithRebalanceTimeout = 1;
    private const short FirstWithRequiredMemberId = 4;
    private const short FirstWithNullableProtocol = 7;
    private const short FirstWithSkippedAssignment = 9;

    protected override async ValueTask<JoinGroupResponse?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        short version = context.Header.Version;
        var join = new JoinCommand(
            Ticket: GroupMember.NoTicket,
            request.MemberId,
            request.GroupInstanceId,
            context.Header.ClientId ?? "",
            context.Client.ClientHost,
            version >= FirstWithRebalanceTimeout ? request.RebalanceTimeoutMs : request.SessionTimeoutMs,
            request.SessionTimeoutMs,
            request.ProtocolType,
            [.. request.Protocols.Select(p => new GroupProtocol(p.Name, p.Metadata.ToArray()))],
            RequireKnownMemberId: version >= FirstWithRequiredMemberId && request.GroupInstanceId is null,
            CanSkipAssignment: version >= FirstWithSkippedAssignment);
        JoinResult result = await services.Groups.JoinAsync(request.GroupId, join, context.Stopping);
        var response = new JoinGroupResponse
        {
            ErrorCode = result.Error,
            GenerationId = result.Generation,
            ProtocolType = result.ProtocolType,
            ProtocolName = result.ProtocolName ?? (version < FirstWithNullableProtocol ? "" : null),
            Leader = result.Leader,
            SkipAssignment = result.SkipAssignment,
            MemberId = result.MemberId,
        };
        foreach (JoinedMember member in result.Members ?? [])
            response.Members.Add(new() { MemberId = member.MemberId, GroupInstanceId = member.InstanceId, Metadata = member.Metadata });
        return response;
    }
}
