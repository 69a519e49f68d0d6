using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Takes members out of a group: one that leaves by itself, or, from version 3, many by an administrator (KIP-345).</summary>
internal sealed class LeaveGroupHandler(BrokerServices services) : ApiHandler<LeaveGroupRequest, LeaveGroupResponse>(Apis.LeaveGroup)
{
    private const short FirstBatched = 3;

    protected override ValueTask<LeaveGroupResponse?> HandleAsync(LeaveGroupRequest request, RequestContext context)
    {
        if (context.Header.Version < FirstBatched)
            return new(new LeaveGroupResponse { ErrorCode = Leave(request.GroupId, request.MemberId, null) });
        var response = new LeaveGroupResponse();
        foreach (LeaveGroupRequest.Member member in request.Members)
        {
            response.Members.Add(new()
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = Leave(request.GroupId, member.MemberId, member.GroupInstanceId),
            });
        }
        return new(response);
    }

    private ErrorCode Leave(string groupId, string memberId, string? instanceId) =>
        services.Groups.Run(
            groupId, ErrorCode.UnknownMemberId, (group, nowMs, answers) => group.Leave(memberId, instanceId, nowMs, answers));
}
