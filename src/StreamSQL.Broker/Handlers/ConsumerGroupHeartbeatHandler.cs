using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>A member of a consumer group joins, says that it is alive, or leaves (KIP-848).</summary>
internal sealed class ConsumerGroupHeartbeatHandler(BrokerServices services)
    : ApiHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(Apis.ConsumerGroupHeartbeat)
{
    protected override async ValueTask<ConsumerGroupHeartbeatResponse?> HandleAsync(
        ConsumerGroupHeartbeatRequest request, RequestContext context) =>
        await services.Groups.HeartbeatAsync(request, context.Header.Version, context.Header.ClientId ?? "", context.Client.ClientHost);
}
