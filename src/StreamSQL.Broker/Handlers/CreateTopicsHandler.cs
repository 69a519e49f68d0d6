using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsHandler(BrokerServices services)
    : ApiHandler<CreateTopicsRequest, CreateTopicsResponse>(Apis.CreateTopics)
{
    private const int Default = -1;

    private readonly BrokerHost _host = services.Host;
    private readonly ConfigDescriber _describer = new(services.Host);

    protected override async ValueTask<CreateTopicsResponse?> HandleAsync(CreateTopicsRequest request, RequestContext context)
    {
        var response = new CreateTopicsResponse();
        var deadline = new RequestDeadline(services.Time, request.TimeoutMs);
        HashSet<string> twice = [.. request.Topics.GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key)];
        var wanted = new List<(CreateTopicsResponse.Topic Answer, TopicRequest Topic)>();
        foreach (CreateTopicsRequest.Topic topic in request.Topics)
        {
            var answer = new CreateTopicsResponse.Topic { Name = topic.Name };
            response.Topics.Add(answer);
            try
            {
                if (twice.Contains(topic.Name))
                    throw new KafkaException(ErrorCode.InvalidRequest, $"Topic '{topic.Name}' is in the request twice.");
                services.Topics.RequireChangeable(topic.Name);
                var asked = new TopicRequest(topic.Name, PartitionCount(topic), ConfigsOf(topic));
                if (request.ValidateOnly)
                    Check(answer, asked);
                else
                    wanted.Add((answer, asked));
            }
            catch (KafkaException e)
            {
                Refuse(answer, e);
            }
        }
        if (wanted.Count > 0)
            await CreateAsync(wanted, deadline);
        return response;
    }

    private static void Refuse(CreateTopicsResponse.Topic answer, KafkaException why) =>
        (answer.ErrorCode, answer.ErrorMessage) = (why.Code, why.Message);

    private static List<KeyValuePair<string, string>> ConfigsOf(CreateTopicsRequest.Topic topic)
    {
        List<KeyValuePair<string, string>> configs = [];
        foreach (CreateTopicsRequest.Config wanted in topic.Configs)
        {
            if (wanted.Value is null)
                throw new KafkaException(ErrorCode.InvalidConfig, $"Topic config '{wanted.Name}' has no value.");
            configs.Add(new(wanted.Name, wanted.Value));
        }
        return configs;
    }

    private void Check(CreateTopicsResponse.Topic answer, TopicRequest asked)
    {
        TopicConfig config = _host.Topics.CheckCreate(asked.Name, asked.Partitions, asked.Configs);
        answer.NumPartitions = asked.Partitions == Default ? _host.Topics.Defaults.Partitions : asked.Partitions;
        answer.ReplicationFactor = 1;
        answer.Configs = Describe(config);
    }

    private async ValueTask CreateAsync(List<(CreateTopicsResponse.Topic Answer, TopicRequest Topic)> wanted, RequestDeadline deadline)
    {
        try
        {
            IReadOnlyList<TopicCreation> created =
                await deadline.AwaitAsync(_host.Topics.CreateAllAsync([.. wanted.Select(static w => w.Topic)]));
            for (int i = 0; i < created.Count; i++)
            {
                if (created[i].Topic is { } topic)
                    Describe(wanted[i].Answer, topic);
                else
                    Refuse(wanted[i].Answer, created[i].Refusal!);
            }
        }
        catch (KafkaException e)
        {
            wanted.ForEach(w => Refuse(w.Answer, e));
        }
    }

    private int PartitionCount(CreateTopicsRequest.Topic topic)
    {
        if (topic.Assignments.Count == 0)
        {
            if (topic.ReplicationFactor is not (Default or 1))
            {
                throw new KafkaException(
                    ErrorCode.InvalidReplicationFactor,
                    $"Replication factor {topic.ReplicationFactor} is larger than the number of brokers, 1.");
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

    private void Describe(CreateTopicsResponse.Topic answer, Topic topic)
    {
        answer.TopicId = topic.Id;
        answer.NumPartitions = topic.Partitions.Count;
        answer.ReplicationFactor = 1;
        answer.Configs = Describe(topic.Config);
    }

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
