using StreamSQL.Broker.Network;
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
        bool allExist = partitions.TrueForAll(p => _host.Topics.Find(p) is not null);
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
                ErrorCode error = _host.Topics.Find(partition) is null ? ErrorCode.UnknownTopicOrPartition
                    : transaction.VerifyOnly && allExist ? await VerifyAsync(transaction, partition, version)
                    : TransactionErrors.ForVersion(added, version, FirstThatKnowsFenced);
                answers.ResultsByPartition.Add(new() { PartitionIndex = index, ErrorCode = error });
            }
        }
        return results;
    }

    private async ValueTask<ErrorCode> VerifyAsync(AddPartitionsToTxnRequest.Transaction transaction, TopicPartition partition, short version)
    {
        ErrorCode error = await _host.Transactions.VerifyAsync(
            transaction.TransactionalId, transaction.ProducerId, transaction.ProducerEpoch, partition);
        return error == ErrorCode.TransactionAbortable && version < FirstThatKnowsAbortable ? ErrorCode.InvalidTxnState : error;
    }
}
