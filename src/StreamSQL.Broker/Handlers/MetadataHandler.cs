using StreamSQL.Broker.Network;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Brokers, topics and leaders. Creates topics that are asked for by name, where that is allowed.</summary>
internal sealed class MetadataHandler(BrokerServices services) : ApiHandler<MetadataRequest, MetadataResponse>(Apis.Metadata)
{
    private const short FirstById = 12; // versions 10 and 11 have ids in the answer only

    private readonly BrokerHost _host = services.Host;
    private readonly ClientTopics _topics = services.Topics;
    private readonly List<int> _replicas = [services.Host.Options.NodeId];
    private readonly List<int> _noReplicas = [];

    protected override async ValueTask<MetadataResponse?> HandleAsync(MetadataRequest request, RequestContext context)
    {
        short version = context.Header.Version;
        MetadataResponse response = Begin(request, context);
        if (request.Topics is null || (version == 0 && request.Topics.Count == 0))
        {
            foreach (Topic topic in _topics.All)
                response.Topics.Add(Describe(topic));
        }
        else if (version < FirstById && request.Topics.Exists(static t => t.Name is null || t.TopicId != Guid.Empty))
        {
            foreach (MetadataRequest.Topic asked in request.Topics)
                response.Topics.Add(new() { ErrorCode = ErrorCode.InvalidRequest, Name = asked.Name ?? "", TopicId = asked.TopicId });
        }
        else
        {
            await AddAsync(response, request.Topics, request.AllowAutoTopicCreation && _host.Options.AutoCreateTopics);
        }
        if (request.IncludeTopicAuthorizedOperations)
            response.Topics.ForEach(static t => t.TopicAuthorizedOperations = t.ErrorCode == ErrorCode.None ? AuthorizedOperations.Topic
                : int.MinValue);
        return response;
    }

    private MetadataResponse Begin(MetadataRequest request, RequestContext context)
    {
        NodeEndpoint self = context.Client.Endpoint(_host.Options);
        return new MetadataResponse
        {
            ClusterId = _host.Topics.ClusterId,
            ControllerId = self.NodeId,
            Brokers = [new() { NodeId = self.NodeId, Host = self.Host, Port = self.Port, Rack = self.Rack }],
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Cluster : int.MinValue,
        };
    }

    // Each topic once, however often it is named: an answer is far larger than a name.
    private async ValueTask AddAsync(MetadataResponse response, List<MetadataRequest.Topic> topics, bool mayCreate)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ids = new HashSet<Guid>();
        RequestDeadline deadline = RequestDeadline.Of(services);
        foreach (MetadataRequest.Topic asked in topics)
        {
            bool isById = asked.TopicId != Guid.Empty || asked.Name is null;
            if (isById ? ids.Add(asked.TopicId) : names.Add(asked.Name!))
                response.Topics.Add(isById ? Find(asked.TopicId) : await FindAsync(asked.Name!, mayCreate, deadline));
        }
    }

    private MetadataResponse.Topic Find(Guid id) => _topics.TryGet(id, out Topic? topic)
        ? Describe(topic)
        : new MetadataResponse.Topic { ErrorCode = ErrorCode.UnknownTopicId, TopicId = id };

    private async ValueTask<MetadataResponse.Topic> FindAsync(string name, bool mayCreate, RequestDeadline deadline)
    {
        if (_topics.TryGet(name, out Topic? topic))
            return Describe(topic);
        if (_topics.WhyMissing(name) is var missing and not ErrorCode.UnknownTopicOrPartition)
            return new MetadataResponse.Topic { ErrorCode = missing, Name = name };
        if (!TopicName.IsValid(name))
            return new MetadataResponse.Topic { ErrorCode = ErrorCode.InvalidTopic, Name = name };
        if (!mayCreate)
            return new MetadataResponse.Topic { ErrorCode = ErrorCode.UnknownTopicOrPartition, Name = name };
        // Who asked for a topic that is being created asks again after this answer, as with a Kafka that elects its leader.
        var notYet = new MetadataResponse.Topic { ErrorCode = ErrorCode.LeaderNotAvailable, Name = name };
        if (deadline.HasPassed)
            return notYet;
        try
        {
            return Describe(await deadline.AwaitAsync(_host.Topics.GetOrCreateAsync(name).AsTask()));
        }
        catch (KafkaException e) when (e.Code == ErrorCode.RequestTimedOut)
        {
            return notYet;
        }
        catch (KafkaException e)
        {
            return new MetadataResponse.Topic { ErrorCode = e.Code, Name = name };
        }
    }

    private MetadataResponse.Topic Describe(Topic topic)
    {
        var described = new MetadataResponse.Topic { Name = topic.Name, TopicId = topic.Id, IsInternal = topic.IsInternal };
        described.Partitions.Capacity = topic.Partitions.Count;
        foreach (Partition partition in topic.Partitions)
        {
            described.Partitions.Add(new MetadataResponse.Partition
            {
                PartitionIndex = partition.Name.Partition,
                LeaderId = _host.Options.NodeId,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = _replicas,
                IsrNodes = _replicas,
                OfflineReplicas = _noReplicas,
            });
        }
        return described;
    }
}
