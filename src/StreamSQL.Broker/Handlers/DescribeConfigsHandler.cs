using System.Globalization;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Configs of topics and of the broker, each with the source of its value.</summary>
internal sealed class DescribeConfigsHandler(BrokerServices services)
    : ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse>(Apis.DescribeConfigs)
{
    private const sbyte TopicResource = 2;
    private const sbyte BrokerResource = 4;

    private readonly BrokerHost _host = services.Host;
    private readonly KafkaListenerOptions _listener = services.Listener;

    protected override ValueTask<DescribeConfigsResponse?> HandleAsync(DescribeConfigsRequest request, RequestContext context)
    {
        var response = new DescribeConfigsResponse();
        foreach (DescribeConfigsRequest.Resource asked in request.Resources)
        {
            var answer = new DescribeConfigsResponse.Resource { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName };
            response.Results.Add(answer);
            try
            {
                answer.Configs.AddRange(Describe(asked, request.IncludeSynonyms).Where(c => asked.ConfigurationKeys?.Contains(c.Name) != false));
            }
            catch (KafkaException e)
            {
                answer.ErrorCode = e.Code;
                answer.ErrorMessage = e.Message;
            }
        }
        return new(response);
    }

    private IEnumerable<DescribeConfigsResponse.Config> Describe(DescribeConfigsRequest.Resource asked, bool synonyms)
    {
        switch (asked.ResourceType)
        {
            case TopicResource when !TopicName.IsValid(asked.ResourceName):
                throw new KafkaException(ErrorCode.InvalidTopic, $"'{asked.ResourceName}' is not a topic name.");
            case TopicResource:
                return _host.Topics.TryGet(asked.ResourceName, out Topic? topic)
                    ? TopicConfig.Definitions.Values.Select(d => Describe(d, topic.Config, synonyms))
                    : throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{asked.ResourceName}'.");
            case BrokerResource:
                string node = _host.Options.NodeId.ToString(CultureInfo.InvariantCulture);
                return asked.ResourceName.Length == 0 || asked.ResourceName == node
                    ? BrokerConfigs()
                    : throw new KafkaException(ErrorCode.InvalidRequest, $"There is no broker '{asked.ResourceName}'.");
            default:
                throw new KafkaException(ErrorCode.InvalidRequest, $"Configs of resource type {asked.ResourceType} are not supported.");
        }
    }

    private static DescribeConfigsResponse.Config Describe(TopicConfigDefinition definition, TopicConfig config, bool synonyms)
    {
        bool isSet = config.Overrides.ContainsKey(definition.Name);
        var described = new DescribeConfigsResponse.Config
        {
            Name = definition.Name,
            Value = config.Text(definition.Name),
            ConfigSource = (sbyte)(isSet ? ConfigSource.Topic : ConfigSource.Default),
            ConfigType = (sbyte)definition.Type,
        };
        if (!synonyms)
            return described;
        if (isSet)
            described.Synonyms.Add(new() { Name = definition.Name, Value = described.Value, Source = (sbyte)ConfigSource.Topic });
        described.Synonyms.Add(new() { Name = definition.Name, Value = definition.Default, Source = (sbyte)ConfigSource.Default });
        return described;
    }

    private IEnumerable<DescribeConfigsResponse.Config> BrokerConfigs()
    {
        BrokerOptions options = _host.Options;
        return
        [
            Broker("node.id", options.NodeId, TopicConfigType.Int),
            Broker("num.partitions", options.Topics.Partitions, TopicConfigType.Int),
            Broker("default.replication.factor", 1, TopicConfigType.Int),
            Broker("auto.create.topics.enable", options.AutoCreateTopics ? "true" : "false", TopicConfigType.Boolean),
            Broker("offsets.topic.num.partitions", options.Topics.InternalPartitions, TopicConfigType.Int),
            Broker("socket.request.max.bytes", _listener.MaxRequestBytes, TopicConfigType.Int),
            Broker("fetch.max.bytes", _listener.MaxFetchBytes, TopicConfigType.Int),
            Broker("transaction.max.timeout.ms", (long)options.MaxTransactionTimeout.TotalMilliseconds, TopicConfigType.Int),
            Broker("log.retention.check.interval.ms", (long)options.RetentionInterval.TotalMilliseconds, TopicConfigType.Long),
            Broker("producer.id.expiration.ms", (long)options.ProducerExpiry.TotalMilliseconds, TopicConfigType.Int),
        ];
    }

    private static DescribeConfigsResponse.Config Broker(string name, IFormattable value, TopicConfigType type) =>
        Broker(name, value.ToString(null, CultureInfo.InvariantCulture), type);

    private static DescribeConfigsResponse.Config Broker(string name, string value, TopicConfigType type) => new()
    {
        Name = name,
        Value = value,
        ReadOnly = true,
        ConfigSource = (sbyte)ConfigSource.StaticBroker,
        ConfigType = (sbyte)type,
    };
}
