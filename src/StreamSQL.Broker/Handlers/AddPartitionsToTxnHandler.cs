using StreamSQL.Broker.Network;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Adds partitions to a transaction: all of them or, when one does not exist, none.</summary>
internal sealed class AddPartitionsToTxnHandler(BrokerServices services)
    : ApiHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(Apis.AddPartitionsToTxn)
{
    private const short FirstThatKnowsFenced = 2;

    private readonly BrokerHost _host = services.Host;

    public override short MaxVersion => 3;

    protected override async ValueTask<AddPartitionsToTxnResponse?> HandleAsync(AddPartitionsToTxnRequest request, RequestContext context)
    {
        List<TopicPartition> partitions = [.. request.Topics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Name, p)))];
        HashSet<TopicPartition> missing = [.. partitions.Where(p => _host.Topics.Find(p) is null)];
        ErrorCode error = missing.Count > 0
            ? ErrorCode.OperationNotAttempted
            : await _host.Transactions.AddPartitionsAsync(request.TransactionalId, request.ProducerId, request.ProducerEpoch, partitions);
        error = TransactionErrors.ForVersion(error, context.Header.Version, FirstThatKnowsFenced);
        var response = new AddPartitionsToTxnResponse();
        foreach (AddPartitionsToTxnRequest.Topic topic in request.Topics)
        {
            var answers = new AddPartitionsToTxnResponse.Topic { Name = topic.Name };
            response.ResultsByTopic.Add(answers);
            foreach (int index in topic.Partitions)
            {
                bool isMissing = missing.Contains(new TopicPartition(topic.Name, index));
                answers.ResultsByPartition.Add(new()
                {
                    PartitionIndex = index,
                    ErrorCode = isMissing ? ErrorCode.UnknownTopicOrPartition : error,
                });
            }
        }
        return response;
    }
}
