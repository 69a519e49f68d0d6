using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Moves the start of logs up.</summary>
internal sealed class DeleteRecordsHandler(BrokerServices services)
    : ApiHandler<DeleteRecordsRequest, DeleteRecordsResponse>(Apis.DeleteRecords)
{
    private readonly BrokerHost _host = services.Host;

    protected override async ValueTask<DeleteRecordsResponse?> HandleAsync(DeleteRecordsRequest request, RequestContext context)
    {
        var response = new DeleteRecordsResponse();
        foreach (DeleteRecordsRequest.Topic topic in request.Topics)
        {
            var answers = new DeleteRecordsResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (DeleteRecordsRequest.Partition asked in topic.Partitions)
                answers.Partitions.Add(await DeleteAsync(topic.Name, asked));
        }
        return response;
    }

    private async ValueTask<DeleteRecordsResponse.Partition> DeleteAsync(string topic, DeleteRecordsRequest.Partition asked)
    {
        var answer = new DeleteRecordsResponse.Partition { PartitionIndex = asked.PartitionIndex, LowWatermark = -1 };
        Partition? partition = _host.Topics.Find(new TopicPartition(topic, asked.PartitionIndex));
        if (partition is null || TopicName.IsInternal(topic))
        {
            answer.ErrorCode = partition is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.PolicyViolation;
            return answer;
        }
        try
        {
            answer.LowWatermark = await partition.DeleteRecordsAsync(asked.Offset);
        }
        catch (KafkaException e)
        {
            answer.ErrorCode = e.Code;
        }
        return answer;
    }
}
