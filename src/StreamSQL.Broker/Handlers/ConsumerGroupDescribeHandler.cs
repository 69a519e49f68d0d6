using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Groups under the consumer protocol, with their members (KIP-848).</summary>
internal sealed class ConsumerGroupDescribeHandler(BrokerServices services)
    : ApiHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(Apis.ConsumerGroupDescribe)
{
    protected override ValueTask<ConsumerGroupDescribeResponse?> HandleAsync(ConsumerGroupDescribeRequest request, RequestContext context)
    {
        var response = new ConsumerGroupDescribeResponse { Groups = [.. request.GroupIds.Select(services.Groups.DescribeConsumer)] };
        foreach (ConsumerGroupDescribeResponse.Group group in response.Groups)
        {
            if (request.IncludeAuthorizedOperations && group.ErrorCode == ErrorCode.None)
                group.AuthorizedOperations = AuthorizedOperations.Group;
        }
        return new(response);
    }
}
