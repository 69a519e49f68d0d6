using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Tells which producers partitions know: how an operator finds transactions that hang (KIP-664).</summary>
internal sealed class DescribeProducersHandler(BrokerServices services)
    : ApiHandler<DescribeProducersRequest, DescribeProducersResponse>(Apis.DescribeProducers)
{
    protected override ValueTask<DescribeProducersResponse?> HandleAsync(DescribeProducersRequest request, RequestContext context)
    {
        var response = new DescribeProducersResponse();
        foreach (DescribeProducersRequest.Topic topic in request.Topics)
        {
            var answers = new DescribeProducersResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (int index in topic.PartitionIndexes)
                answers.Partitions.Add(Describe(topic.Name, index));
        }
        return new(response);
    }

    private DescribeProducersResponse.Partition Describe(string topic, int index)
    {
        Partition? partition = services.Topics.Find(new TopicPartition(topic, index));
        if (partition is null)
            return new() { PartitionIndex = index, ErrorCode = services.Topics.WhyMissing(topic) };
        var described = new DescribeProducersResponse.Partition { PartitionIndex = index };
        foreach (ProducerDescription producer in partition.DescribeProducers())
        {
            described.ActiveProducers.Add(new()
            {
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.Epoch,
                LastSequence = producer.LastSequence,
                LastTimestamp = producer.LastTimestamp,
                CoordinatorEpoch = producer.CoordinatorEpoch,
                CurrentTxnStartOffset = producer.TransactionStart,
            });
        }
        return described;
    }
}
