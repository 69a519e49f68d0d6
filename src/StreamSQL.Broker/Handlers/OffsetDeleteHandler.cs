using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Deletes committed offsets of topics that a group does not read (KIP-496).</summary>
internal sealed class OffsetDeleteHandler(BrokerServices services)
    : ApiHandler<OffsetDeleteRequest, OffsetDeleteResponse>(Apis.OffsetDelete)
{
    protected override async ValueTask<OffsetDeleteResponse?> HandleAsync(OffsetDeleteRequest request, RequestContext context)
    {
        List<TopicPartition> partitions =
            [.. request.Topics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Name, p.PartitionIndex)))];
        (ErrorCode error, ErrorCode[] errors) = await services.Groups.DeleteOffsetsAsync(request.GroupId, partitions);
        var response = new OffsetDeleteResponse { ErrorCode = error };
        if (error != ErrorCode.None)
            return response;
        int next = 0;
        foreach (OffsetDeleteRequest.Topic topic in request.Topics)
        {
            var answers = new OffsetDeleteResponse.Topic { Name = topic.Name };
            foreach (OffsetDeleteRequest.Partition partition in topic.Partitions)
                answers.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = errors[next++] });
            response.Topics.Add(answers);
        }
        return response;
    }
}
