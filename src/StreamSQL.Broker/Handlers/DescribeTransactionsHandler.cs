using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Describes transactional ids by name (KIP-664).</summary>
internal sealed class DescribeTransactionsHandler(BrokerServices services)
    : ApiHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>(Apis.DescribeTransactions)
{
    protected override ValueTask<DescribeTransactionsResponse?> HandleAsync(DescribeTransactionsRequest request, RequestContext context)
    {
        var response = new DescribeTransactionsResponse();
        foreach (string id in request.TransactionalIds)
            response.TransactionStates.Add(Describe(id));
        return new(response);
    }

    private DescribeTransactionsResponse.Transaction Describe(string id)
    {
        if (id.Length == 0)
            return new() { TransactionalId = id, ErrorCode = ErrorCode.InvalidRequest };
        if (services.Host.Transactions.Describe(id) is not { } state)
            return new() { TransactionalId = id, ErrorCode = ErrorCode.TransactionalIdNotFound };
        var described = new DescribeTransactionsResponse.Transaction
        {
            TransactionalId = id,
            TransactionState = state.Status.ToString(),
            TransactionTimeoutMs = state.TimeoutMs,
            TransactionStartTimeMs = state.StartMs,
            ProducerId = state.ProducerId,
            ProducerEpoch = state.ProducerEpoch,
        };
        foreach (IGrouping<string, TopicPartition> topic in state.Partitions.GroupBy(p => p.Topic))
            described.Topics.Add(new() { Topic = topic.Key, Partitions = [.. topic.Select(p => p.Partition)] });
        return described;
    }
}
