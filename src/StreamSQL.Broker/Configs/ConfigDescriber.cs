using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Configs;

/// <summary>A config of a resource with its value and all places where it has one.</summary>
/// <param name="Definition">The config.</param>
/// <param name="Value">The value in force; null when there is none, or when it is not shown.</param>
/// <param name="Source">Where that comes from.</param>
/// <param name="IsReadOnly">Whether it cannot be changed.</param>
/// <param name="Synonyms">Where it has a value, what counts most first.</param>
internal sealed record DescribedConfig(
    ConfigDefinition Definition, string? Value, ConfigSource Source, bool IsReadOnly, IReadOnlyList<ConfigValue> Synonyms);

/// <summary>Tells the configs of any resource.</summary>
internal sealed class ConfigDescriber(BrokerHost host)
{
    private static readonly ConfigDefinition _rootLogger =
        new("root", ConfigType.String, "INFO", "The level of all loggers that have none of their own.");

    /// <summary>All configs of a resource.</summary>
    /// <exception cref="KafkaException">There is no such resource.</exception>
    public IEnumerable<DescribedConfig> Describe(ConfigResource resource) => resource.Type switch
    {
        ConfigResourceType.Topic => DescribeTopic(resource.Name),
        ConfigResourceType.Broker => DescribeBroker(resource.Name),
        ConfigResourceType.BrokerLogger => DescribeLoggers(resource.Name),
        ConfigResourceType.Group => DescribeNamed(resource, GroupConfigs.All, ConfigSource.Group),
        ConfigResourceType.ClientMetrics => DescribeNamed(resource, ClientMetricsConfigs.All, ConfigSource.ClientMetrics),
        _ => throw new KafkaException(ErrorCode.InvalidRequest, $"Unknown resource type {(sbyte)resource.Type}."),
    };

    /// <summary>All configs of a topic that has these.</summary>
    public IEnumerable<DescribedConfig> Describe(TopicConfig config) =>
        TopicConfigs.All.Values.Where(d => !d.IsInternal || config.Overrides.ContainsKey(d.Name))
            .Select(d => Inheriting(d, config.Overrides, ConfigSource.Topic));

    private IEnumerable<DescribedConfig> DescribeTopic(string name)
    {
        TopicName.Check(name);
        return host.Topics.TryGet(name, out Topic? topic)
            ? Describe(topic.Config)
            : throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
    }

    private IEnumerable<DescribedConfig> DescribeBroker(string name)
    {
        if (name.Length == 0) // only what was set for all brokers
        {
            return host.Configs.Of(new ConfigResource(ConfigResourceType.Broker, "")).Keys.Select(
                n => OfBroker(BrokerConfigs.All[n], s => s.Source == ConfigSource.DynamicDefaultBroker));
        }
        if (name != host.Configs.NodeName)
        {
            throw new KafkaException(
                ErrorCode.InvalidRequest, $"Unexpected broker id '{name}', expected {host.Configs.NodeName} or an empty name.");
        }
        return BrokerConfigs.All.Values.Select(d => OfBroker(d, static _ => true));
    }

    private IEnumerable<DescribedConfig> DescribeLoggers(string name) => name == host.Configs.NodeName
        ? [new DescribedConfig(_rootLogger, _rootLogger.Default, ConfigSource.DynamicBrokerLogger, IsReadOnly: true, [])]
        : throw new KafkaException(
            ErrorCode.InvalidRequest, $"Unexpected broker id '{name}', expected {host.Configs.NodeName}.");

    private IEnumerable<DescribedConfig> DescribeNamed(
        ConfigResource resource, IReadOnlyDictionary<string, ConfigDefinition> definitions, ConfigSource source)
    {
        if (resource.Name.Length == 0)
            throw new KafkaException(ErrorCode.InvalidRequest, "The resource has no name.");
        IReadOnlyDictionary<string, string> values = host.Configs.Of(resource);
        return definitions.Values.Select(d => Inheriting(d, values, source));
    }

    private DescribedConfig Inheriting(ConfigDefinition definition, IReadOnlyDictionary<string, string> values, ConfigSource source)
    {
        BrokerConfig broker = host.Configs.Broker;
        List<ConfigValue> synonyms = [];
        if (values.TryGetValue(definition.Name, out string? value))
            synonyms.Add(new ConfigValue(definition.Name, value, source));
        if (definition.Synonyms.Count > 0)
            synonyms.AddRange(broker.Synonyms([.. definition.Synonyms.Select(s => s.Name)]));
        return new DescribedConfig(
            definition, value ?? broker.Inherited(definition), synonyms.Count > 0 ? synonyms[0].Source : ConfigSource.Default,
            IsReadOnly: false, synonyms);
    }

    private DescribedConfig OfBroker(ConfigDefinition definition, Func<ConfigValue, bool> isWanted)
    {
        BrokerConfig broker = host.Configs.Broker;
        List<ConfigValue> synonyms = [.. broker.Synonyms([definition.Name]).Where(isWanted)];
        if (definition.IsSensitive)
            synonyms = [.. synonyms.Select(s => s with { Value = null })];
        return new DescribedConfig(
            definition,
            definition.IsSensitive ? null : synonyms.Count > 0 ? synonyms[0].Value : broker.Value(definition.Name),
            synonyms.Count > 0 ? synonyms[0].Source : ConfigSource.Default,
            definition.Update == ConfigUpdate.ReadOnly, synonyms);
    }
}
