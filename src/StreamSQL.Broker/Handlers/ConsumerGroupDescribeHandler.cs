using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Groups under the consumer protocol, with their members (KIP-848).</summary>
internal sealed class ConsumerGroupDescribeHandler(BrokerServices services)
    : ApiHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(Apis.ConsumerGroupDescribe)
{
    protected override ValueTask<ConsumerGroupDescribeResponse?> HandleAsync(ConsumerGroupDescribeRequest request, RequestContext context) =>
        new(new ConsumerGroupDescribeResponse { Groups = [.. request.GroupIds.Select(services.Groups.DescribeConsumer)] });
}
