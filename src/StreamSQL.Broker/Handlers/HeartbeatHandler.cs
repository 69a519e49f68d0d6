using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Keeps members of a group alive, and tells them of a rebalance.</summary>
internal sealed class HeartbeatHandler(BrokerServices services) : ApiHandler<HeartbeatRequest, HeartbeatResponse>(Apis.Heartbeat)
{
    protected override ValueTask<HeartbeatResponse?> HandleAsync(HeartbeatRequest request, RequestContext context)
    {
        var identity = new GroupIdentity(request.MemberId, request.GroupInstanceId, request.GenerationId);
        ValueTask<ErrorCode> error = services.Groups.HeartbeatAsync(request.GroupId, identity);
        return error.IsCompletedSuccessfully ? new(new HeartbeatResponse { ErrorCode = error.Result }) : AnswerAsync(error);
    }

    private static async ValueTask<HeartbeatResponse?> AnswerAsync(ValueTask<ErrorCode> error) => new() { ErrorCode = await error };
}
