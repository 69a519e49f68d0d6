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
        ErrorCode error = services.Groups.Run(
            request.GroupId, ErrorCode.UnknownMemberId, (group, nowMs, _) => group.Heartbeat(identity, nowMs));
        return new(new HeartbeatResponse { ErrorCode = error });
    }
}
