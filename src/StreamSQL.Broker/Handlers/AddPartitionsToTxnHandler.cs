using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>
/// Adds partitions to transactions: all partitions of one or, when one does not exist, none. Clients send one transaction; other brokers,
/// from version 4 on, send many, and may ask for a verification only (KIP-890).
/// </summary>
internal sealed class AddPartitionsToTxnHandler(BrokerServices services)
    : ApiHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(Apis.AddPartitionsToTxn)
{
    private const short FirstThatKnowsFenced = 2;
    private const short FirstBatched = 4;
    private const short FirstThatKnowsAbortable = 5;

    private readonly BrokerHost _host = services.Host;
    private readonly ClientTopics _topics = services.Topics;

    protected override async ValueTask<AddPartitionsToTxnResponse?> HandleAsync(AddPartitionsToTxnRequest request, RequestContext context)
    {
        short version = context.Header.Version;
        var response = new AddPartitionsToTxnResponse();
        if (version < FirstBatched)
        {
            var only = new AddPartitionsToTxnRequest.Transaction
            {
                TransactionalId = request.TransactionalId,
                ProducerId = request.ProducerId,
                ProducerEpoch = request.ProducerEpoch,
                Topics = request.Topics,
            };
            response.ResultsByTopic = await HandleAsync(only, version);
            return response;
        }
        foreach (AddPartitionsToTxnRequest.Transaction transaction in request.Transactions)
        {
            List<AddPartitionsToTxnResponse.Topic> results = await HandleAsync(transaction, version);
            response.ResultsByTransaction.Add(new() { TransactionalId = transaction.TransactionalId, TopicResults = results });
        }
        return response;
    }

    private async ValueTask<List<AddPartitionsToTxnResponse.Topic>> HandleAsync(
        AddPartitionsToTxnRequest.Transaction transaction, short version)
    {
        List<TopicPartition> partitions = [.. transaction.Topics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Name, p)))];
        bool allExist = partitions.TrueForAll(p => CheckWritable(p) == ErrorCode.None);
        ErrorCode added = allExist ? ErrorCode.None : ErrorCode.OperationNotAttempted;
        if (allExist && !transaction.VerifyOnly)
        {
            added = await _host.Transactions.AddPartitionsAsync(
                transaction.TransactionalId, transaction.ProducerId, transaction.ProducerEpoch, partitions,
                bumpsEpochs: version >= FirstThatKnowsAbortable);
        }
        List<AddPartitionsToTxnResponse.Topic> results = [];
        foreach (AddPartitionsToTxnRequest.Topic topic in transaction.Topics)
        {
            var answers = new AddPartitionsToTxnResponse.Topic { Name = topic.Name };
            results.Add(answers);
            foreach (int index in topic.Partitions)
            {
                var partition = new TopicPartition(topic.Name, index);
                ErrorCode error = CheckWritable(partition) is var refusal and not ErrorCode.None ? refusal
                    : transaction.VerifyOnly && allExist ? await VerifyAsync(transaction, partition, version)
                    : TransactionErrors.ForVersion(added, version, FirstThatKnowsFenced);
                answers.ResultsByPartition.Add(new() { PartitionIndex = index, ErrorCode = error });
            }
        }
        return results;
    }

    // Of the broker's own topics an append says that they are not for clients.
    private ErrorCode CheckWritable(TopicPartition partition)
    {
        if (_topics.Find(partition) is null || !_topics.TryGet(partition.Topic, out Topic? topic))
            return _topics.WhyMissing(partition.Topic);
        return topic.IsInternal ? ErrorCode.None : _topics.CheckWritable(topic);
    }

    private async ValueTask<ErrorCode> VerifyAsync(AddPartitionsToTxnRequest.Transaction transaction, TopicPartition partition,
        short version)
    {
        ErrorCode error = await _host.Transactions.VerifyAsync(
            transaction.TransactionalId, transaction.ProducerId, transaction.ProducerEpoch, partition);
        return error == ErrorCode.TransactionAbortable && version < FirstThatKnowsAbortable ? ErrorCode.InvalidTxnState : error;
    }
}
