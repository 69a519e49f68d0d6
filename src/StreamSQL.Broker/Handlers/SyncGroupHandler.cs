using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Hands over and asks for assignments.</summary>
internal sealed class SyncGroupHandler(BrokerServices services) : ApiHandler<SyncGroupRequest, SyncGroupResponse>(Apis.SyncGroup)
{
    protected override async ValueTask<SyncGroupResponse?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        var assignments = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (SyncGroupRequest.MemberAssignment assignment in request.Assignments)
            assignments[assignment.MemberId] = assignment.Assignment.ToArray();
        var sync = new SyncCommand(
            Ticket: GroupMember.NoTicket,
            new GroupIdentity(request.MemberId, request.GroupInstanceId, request.GenerationId),
            request.ProtocolType,
            request.ProtocolName,
            assignments);
        SyncResult result = await services.Groups.SyncAsync(request.GroupId, sync, context.Stopping);
        return new SyncGroupResponse
        {
            ErrorCode = result.Error,
            ProtocolType = result.ProtocolType,
            ProtocolName = result.ProtocolName,
            Assignment = result.Assignment,
        };
    }
}
