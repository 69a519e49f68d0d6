using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Takes members out of a group: one that leaves by itself, or, from version 3, many by an administrator (KIP-345).</summary>
internal sealed class LeaveGroupHandler(BrokerServices services) : ApiHandler<LeaveGroupRequest, LeaveGroupResponse>(Apis.LeaveGroup)
{
    private const short FirstBatched = 3;

    protected override async ValueTask<LeaveGroupResponse?> HandleAsync(LeaveGroupRequest request, RequestContext context)
    {
        bool isBatched = context.Header.Version >= FirstBatched;
        List<(string, string?)> members = isBatched
            ? [.. request.Members.Select(static m => (m.MemberId, m.GroupInstanceId))]
            : [(request.MemberId, null)];
        (ErrorCode error, ErrorCode[] errors) = await services.Groups.LeaveAsync(request.GroupId, members);
        if (error != ErrorCode.None || !isBatched)
            return new LeaveGroupResponse { ErrorCode = error != ErrorCode.None ? error : errors[0] };
        var response = new LeaveGroupResponse();
        for (int i = 0; i < errors.Length; i++)
        {
            LeaveGroupRequest.Member member = request.Members[i];
            response.Members.Add(new() { MemberId = member.MemberId, GroupInstanceId = member.GroupInstanceId, ErrorCode = errors[i] });
        }
        return response;
    }
}
