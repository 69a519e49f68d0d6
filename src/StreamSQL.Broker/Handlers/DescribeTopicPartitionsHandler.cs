using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Partitions of topics in the order of their names, page by page (KIP-966).</summary>
internal sealed class DescribeTopicPartitionsHandler(BrokerServices services)
    : ApiHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(Apis.DescribeTopicPartitions)
{
    private readonly BrokerHost _host = services.Host;
    private readonly ClientTopics _topics = services.Topics;
    private readonly List<int> _replicas = [services.Host.Options.NodeId];

    protected override ValueTask<DescribeTopicPartitionsResponse?> HandleAsync(
        DescribeTopicPartitionsRequest request, RequestContext context)
    {
        DescribeTopicPartitionsCursor? cursor = request.Cursor;
        if (cursor is { PartitionIndex: < 0 })
        {
            var refusal = new DescribeTopicPartitionsResponse();
            foreach (DescribeTopicPartitionsRequest.Topic topic in request.Topics)
                refusal.Topics.Add(new() { Name = topic.Name, ErrorCode = ErrorCode.InvalidRequest });
            return new(refusal);
        }
        IEnumerable<string> names = request.Topics.Count == 0 ? _topics.All.Select(static t => t.Name) : request.Topics.Select(t => t.Name);
        var response = new DescribeTopicPartitionsResponse();
        int room = Math.Clamp(request.ResponsePartitionLimit, 1, (int)_host.Configs.Broker.Number("max.request.partition.size.limit"));
        foreach (string name in names.Distinct().Order(StringComparer.Ordinal))
        {
            int order = cursor is null ? 1 : string.CompareOrdinal(name, cursor.TopicName);
            if (order < 0)
                continue;
            int from = order == 0 ? cursor!.PartitionIndex : 0;
            if (room == 0)
            {
                response.NextCursor = new DescribeTopicPartitionsCursor { TopicName = name };
                break;
            }
            DescribeTopicPartitionsResponse.Topic topic = Describe(name, from, room, out int next);
            response.Topics.Add(topic);
            room -= topic.Partitions.Count;
            if (next >= 0)
            {
                response.NextCursor = new DescribeTopicPartitionsCursor { TopicName = name, PartitionIndex = next };
                break;
            }
        }
        return new(response);
    }

    /// <summary>A topic with so many of its partitions; <paramref name="next"/> is the first that has no room, or -1.</summary>
    private DescribeTopicPartitionsResponse.Topic Describe(string name, int from, int room, out int next)
    {
        next = -1;
        if (!_topics.TryGet(name, out Topic? topic))
        {
            ErrorCode error = TopicName.IsValid(name) ? _topics.WhyMissing(name) : ErrorCode.InvalidTopic;
            return new() { Name = name, ErrorCode = error };
        }
        var described = new DescribeTopicPartitionsResponse.Topic
        {
            Name = name,
            TopicId = topic.Id,
            IsInternal = topic.IsInternal,
            TopicAuthorizedOperations = AuthorizedOperations.Topic,
        };
        for (int i = from; i < topic.Partitions.Count; i++)
        {
            if (described.Partitions.Count == room)
            {
                next = i;
                break;
            }
            described.Partitions.Add(Describe(topic.Partitions[i]));
        }
        return described;
    }

    private DescribeTopicPartitionsResponse.Partition Describe(Partition partition) => new()
    {
        PartitionIndex = partition.Name.Partition,
        LeaderId = _host.Options.NodeId,
        LeaderEpoch = partition.LeaderEpoch,
        ReplicaNodes = _replicas,
        IsrNodes = _replicas,
        EligibleLeaderReplicas = [],
        LastKnownElr = [],
    };
}
