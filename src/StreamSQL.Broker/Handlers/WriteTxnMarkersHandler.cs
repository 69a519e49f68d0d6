using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Handlers;

/// <summary>Writes markers that an operator decided on, to end transactions that hang (KIP-664).</summary>
internal sealed class WriteTxnMarkersHandler(BrokerServices services)
    : ApiHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(Apis.WriteTxnMarkers)
{
    private const sbyte FirstThatBumpsEpochs = 2; // of transaction.version

    protected override async ValueTask<WriteTxnMarkersResponse?> HandleAsync(WriteTxnMarkersRequest request, RequestContext context)
    {
        var response = new WriteTxnMarkersResponse();
        foreach (WriteTxnMarkersRequest.Marker marker in request.Markers)
        {
            var answers = new WriteTxnMarkersResponse.Marker { ProducerId = marker.ProducerId };
            response.Markers.Add(answers);
            foreach (WriteTxnMarkersRequest.Topic topic in marker.Topics)
            {
                var topicAnswers = new WriteTxnMarkersResponse.Topic { Name = topic.Name };
                answers.Topics.Add(topicAnswers);
                foreach (int index in topic.PartitionIndexes)
                {
                    ErrorCode error = await WriteAsync(marker, new TopicPartition(topic.Name, index));
                    topicAnswers.Partitions.Add(new() { PartitionIndex = index, ErrorCode = error });
                }
            }
        }
        return response;
    }

    private async ValueTask<ErrorCode> WriteAsync(WriteTxnMarkersRequest.Marker marker, TopicPartition name)
    {
        Partition? partition = services.Topics.Find(name);
        if (partition is null || name.Topic == TopicName.TransactionState)
            return services.Topics.WhyMissing(name.Topic);
        if (marker.ProducerId < 0 || marker.ProducerEpoch < 0)
            return ErrorCode.InvalidRequest;
        return await services.Host.Transactions.WriteMarkerAsync(
            partition, marker.ProducerId, marker.ProducerEpoch, new TransactionMarker(marker.TransactionResult, marker.CoordinatorEpoch),
            raisesEpoch: marker.TransactionVersion >= FirstThatBumpsEpochs);
    }
}
