using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsHandler(BrokerServices services) : ApiHandler<CreateTopicsRequest, CreateTopicsResponse>(Apis.CreateTopics)
{
    private const int Default = -1;

    private readonly BrokerHost _host = services.Host;
    private readonly ConfigDescriber _describer = new(services.Host);

    protected override async ValueTask<CreateTopicsResponse?> HandleAsync(CreateTopicsRequest request, RequestContext context)
    {
        var response = new CreateTopicsResponse();
        var deadline = new RequestDeadline(services.Time, request.TimeoutMs);
        HashSet<string> twice = [.. request.Topics.GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key)];
        foreach (CreateTopicsRequest.Topic topic in request.Topics)
        {
            try
            {
                if (twice.Contains(topic.Name))
                    throw new KafkaException(ErrorCode.InvalidRequest, $"Topic '{topic.Name}' is in the request twice.");
                services.Topics.RequireChangeable(topic.Name);
                response.Topics.Add(await CreateAsync(topic, request.ValidateOnly, deadline));
            }
            catch (KafkaException e)
            {
                response.Topics.Add(new CreateTopicsResponse.Topic { Name = topic.Name, ErrorCode = e.Code, ErrorMessage = e.Message });
            }
        }
        return response;
    }

    private async ValueTask<CreateTopicsResponse.Topic> CreateAsync(
        CreateTopicsRequest.Topic topic, bool validateOnly, RequestDeadline deadline)
    {
        int partitions = PartitionCount(topic);
        List<KeyValuePair<string, string>> configs = [];
        foreach (CreateTopicsRequest.Config wanted in topic.Configs)
        {
            if (wanted.Value is null)
                throw new KafkaException(ErrorCode.InvalidConfig, $"Topic config '{wanted.Name}' has no value.");
            configs.Add(new(wanted.Name, wanted.Value));
        }
        if (!validateOnly)
            return Describe(await deadline.AwaitAsync(_host.Topics.CreateAsync(topic.Name, partitions, configs)));
        TopicConfig config = _host.Topics.CheckCreate(topic.Name, partitions, configs);
        return new CreateTopicsResponse.Topic
        {
            Name = topic.Name,
            NumPartitions = partitions == Default ? _host.Topics.Defaults.Partitions : partitions,
            ReplicationFactor = 1,
            Configs = Describe(config),
        };
    }

    private int PartitionCount(CreateTopicsRequest.Topic topic)
    {
        if (topic.Assignments.Count == 0)
        {
            if (topic.ReplicationFactor is not (Default or 1))
            {
                throw new KafkaException(
                    ErrorCode.InvalidReplicationFactor, $"Replication factor {topic.ReplicationFactor} is larger than the number of brokers, 1.");
            }
            return topic.NumPartitions;
        }
        if (topic.NumPartitions != Default || topic.ReplicationFactor != Default)
            throw new KafkaException(ErrorCode.InvalidRequest, "A topic has either assignments or numbers of partitions and replicas.");
        for (int i = 0; i < topic.Assignments.Count; i++)
        {
            CreateTopicsRequest.Assignment assignment = topic.Assignments[i];
            if (assignment.BrokerIds.Count != 1 || assignment.BrokerIds[0] != _host.Options.NodeId)
                throw new KafkaException(ErrorCode.InvalidReplicaAssignment, $"Broker {_host.Options.NodeId} is the only one.");
            if (topic.Assignments.TrueForAll(other => other.PartitionIndex != i))
                throw new KafkaException(ErrorCode.InvalidReplicaAssignment, "Partitions must count up from 0.");
        }
        return topic.Assignments.Count;
    }

    private CreateTopicsResponse.Topic Describe(Topic topic) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        NumPartitions = topic.Partitions.Count,
        ReplicationFactor = 1,
        Configs = Describe(topic.Config),
    };

    private List<CreateTopicsResponse.Config> Describe(TopicConfig config) =>
    [
        .. _describer.Describe(config).Select(c => new CreateTopicsResponse.Config
        {
            Name = c.Definition.Name,
            Value = c.Value,
            ConfigSource = (sbyte)c.Source,
        }),
    ];
}
