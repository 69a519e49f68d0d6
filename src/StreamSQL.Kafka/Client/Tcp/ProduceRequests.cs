using StreamSQL.Kafka.Messages;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>Makes produce requests that are answered when the batches are committed.</summary>
internal static class ProduceRequests
{
    private const short AllReplicas = -1;

    /// <summary>A request with one batch per partition.</summary>
    public static ProduceRequest Of(
        string? transactionalId, TimeSpan timeout, IEnumerable<(TopicPartition Partition, ReadOnlyMemory<byte> Batch)> batches)
    {
        var request = new ProduceRequest
        {
            TransactionalId = transactionalId,
            Acks = AllReplicas,
            TimeoutMs = (int)timeout.TotalMilliseconds,
        };
        foreach (IGrouping<string, (TopicPartition Partition, ReadOnlyMemory<byte> Batch)> topic in batches.GroupBy(b => b.Partition.Topic))
        {
            request.TopicData.Add(new ProduceRequest.Topic
            {
                Name = topic.Key,
                PartitionData = [.. topic.Select(b => new ProduceRequest.Partition { Index = b.Partition.Partition, Records = b.Batch })],
            });
        }
        return request;
    }
}
