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
    private readonly BrokerHost _host = services.Host;
    private readonly List<int> _replicas = [services.Host.Options.NodeId];

    protected override async ValueTask<MetadataResponse?> HandleAsync(MetadataRequest request, RequestContext context)
    {
        var response = new MetadataResponse
        {
            ClusterId = _host.Topics.ClusterId,
            ControllerId = _host.Options.NodeId,
            Brokers =
            [
                new() { NodeId = _host.Options.NodeId, Host = context.Client.AdvertisedHost, Port = context.Client.AdvertisedPort, Rack = _host.Options.Rack },
            ],
        };
        bool all = request.Topics is null || (context.Header.Version == 0 && request.Topics.Count == 0);
        if (all)
        {
            foreach (Topic topic in _host.Topics.All.Values)
                response.Topics.Add(Describe(topic));
            return response;
        }
        foreach (MetadataRequest.Topic asked in request.Topics!)
            response.Topics.Add(await FindAsync(asked, request.AllowAutoTopicCreation));
        return response;
    }

    private async ValueTask<MetadataResponse.Topic> FindAsync(MetadataRequest.Topic asked, bool mayCreate)
    {
        if (asked.Name is null)
        {
            return _host.Topics.TryGet(asked.TopicId, out Topic? byId)
                ? Describe(byId)
                : new MetadataResponse.Topic { ErrorCode = ErrorCode.UnknownTopicId, TopicId = asked.TopicId };
        }
        if (_host.Topics.TryGet(asked.Name, out Topic? topic))
            return Describe(topic);
        if (!TopicName.IsValid(asked.Name))
            return new MetadataResponse.Topic { ErrorCode = ErrorCode.InvalidTopic, Name = asked.Name };
        if (!mayCreate || !_host.Options.AutoCreateTopics)
            return new MetadataResponse.Topic { ErrorCode = ErrorCode.UnknownTopicOrPartition, Name = asked.Name };
        try
        {
            return Describe(await _host.Topics.GetOrCreateAsync(asked.Name));
        }
        catch (KafkaException e)
        {
            return new MetadataResponse.Topic { ErrorCode = e.Code, Name = asked.Name };
        }
    }

    private MetadataResponse.Topic Describe(Topic topic)
    {
        var described = new MetadataResponse.Topic { Name = topic.Name, TopicId = topic.Id, IsInternal = topic.IsInternal };
        foreach (Partition partition in topic.Partitions)
        {
            described.Partitions.Add(new MetadataResponse.Partition
            {
                PartitionIndex = partition.Name.Partition,
                LeaderId = _host.Options.NodeId,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = _replicas,
                IsrNodes = _replicas,
            });
        }
        return described;
    }
}
