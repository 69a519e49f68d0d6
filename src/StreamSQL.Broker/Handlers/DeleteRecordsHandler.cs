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
    private readonly ClientTopics _topics = services.Topics;

    protected override async ValueTask<DeleteRecordsResponse?> HandleAsync(DeleteRecordsRequest request, RequestContext context)
    {
        var response = new DeleteRecordsResponse();
        var deadline = new RequestDeadline(services.Time, request.TimeoutMs);
        var deletions = new List<Task>();
        foreach (DeleteRecordsRequest.Topic topic in request.Topics)
        {
            var answers = new DeleteRecordsResponse.Topic { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (DeleteRecordsRequest.Partition asked in topic.Partitions)
            {
                var answer = new DeleteRecordsResponse.Partition { PartitionIndex = asked.PartitionIndex, LowWatermark = -1 };
                answers.Partitions.Add(answer);
                answer.ErrorCode = Check(topic.Name, asked.PartitionIndex, out Partition? partition);
                if (answer.ErrorCode == ErrorCode.None)
                    deletions.Add(DeleteAsync(answer, partition!, asked.Offset, deadline));
            }
        }
        await Task.WhenAll(deletions); // so that one group commit serves all
        return response;
    }

    private ErrorCode Check(string name, int index, out Partition? partition)
    {
        partition = _topics.Find(new TopicPartition(name, index));
        if (partition is null || !_topics.TryGet(name, out Topic? topic))
            return _topics.WhyMissing(name);
        if (_topics.CheckWritable(topic) is var refusal and not ErrorCode.None)
            return refusal;
        return partition.Config.IsDeleted || !partition.Config.IsCompacted ? ErrorCode.None : ErrorCode.PolicyViolation;
    }

    private static async Task DeleteAsync(
        DeleteRecordsResponse.Partition answer, Partition partition, long offset, RequestDeadline deadline)
    {
        try
        {
            answer.LowWatermark = await deadline.AwaitAsync(partition.DeleteRecordsAsync(offset).AsTask());
        }
        catch (KafkaException e)
        {
            answer.ErrorCode = e.Code;
        }
        catch (IOException)
        {
            answer.ErrorCode = ErrorCode.KafkaStorageError; // failed, or fuller than the room that is kept for this
        }
    }
}
