using System.Globalization;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;

namespace StreamSQL.Broker.Configs;

/// <summary>Changes the configs of any resource, by Kafka's rules.</summary>
internal sealed class ConfigEditor(BrokerHost host)
{
    private static readonly IReadOnlyDictionary<string, string> _nothing = new Dictionary<string, string>();

    /// <summary>Carries changes out.</summary>
    /// <param name="resource">What is changed.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="keepsOthers">Whether configs that are not named stay as they are, or get their defaults.</param>
    /// <param name="validateOnly">Whether the changes are only checked.</param>
    /// <exception cref="KafkaException">They are refused; nothing was changed.</exception>
    public async Task ChangeAsync(ConfigResource resource, IReadOnlyList<ConfigChange> changes, bool keepsOthers, bool validateOnly)
    {
        switch (resource.Type)
        {
            case ConfigResourceType.Topic:
                await ChangeTopicAsync(resource.Name, changes, keepsOthers, validateOnly);
                break;
            case ConfigResourceType.Broker:
                CheckBroker(resource.Name, changes);
                await ChangeAsync(resource, changes, keepsOthers, validateOnly, BrokerConfigs.All, _ => { }, ErrorCode.InvalidRequest);
                break;
            case ConfigResourceType.Group:
                CheckNamed(resource);
                await ChangeAsync(
                    resource, changes, keepsOthers, validateOnly, GroupConfigs.All, CheckGroup, ErrorCode.InvalidConfig);
                break;
            case ConfigResourceType.ClientMetrics:
                CheckNamed(resource);
                await ChangeAsync(
                    resource, changes, keepsOthers, validateOnly, ClientMetricsConfigs.All, _ => { }, ErrorCode.InvalidConfig);
                break;
            case ConfigResourceType.BrokerLogger:
                throw new KafkaException(ErrorCode.InvalidRequest, "The levels of loggers are chosen when the server is started.");
            default:
                throw new KafkaException(ErrorCode.InvalidRequest, $"Unknown resource type {(sbyte)resource.Type}.");
        }
    }

    private async ValueTask ChangeTopicAsync(string name, IReadOnlyList<ConfigChange> changes, bool keepsOthers, bool validateOnly)
    {
        if (name.Length == 0)
            throw new KafkaException(ErrorCode.InvalidRequest, "There are no configs of all topics; set the broker's.");
        TopicName.Check(name);
        if (!host.Topics.TryGet(name, out Topic? topic))
            throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{name}'.");
        BrokerConfig broker = host.Configs.Broker;
        if (validateOnly)
            TopicConfig.Create(Change(topic.Config.Overrides), broker);
        else
            await host.Topics.SetConfigsAsync(name, Change);

        Dictionary<string, string> Change(IReadOnlyDictionary<string, string> before) => ConfigChange.Apply(
            changes, keepsOthers ? before : _nothing, TopicConfigs.All, broker.Inherited, ErrorCode.InvalidConfig);
    }

    private async ValueTask ChangeAsync(
        ConfigResource resource, IReadOnlyList<ConfigChange> changes, bool keepsOthers, bool validateOnly,
        IReadOnlyDictionary<string, ConfigDefinition> definitions, Action<IReadOnlyDictionary<string, string>> check, ErrorCode refusal)
    {
        if (validateOnly)
            Change(host.Configs.Of(resource));
        else
            await host.Configs.ChangeAsync(resource, Change);

        Dictionary<string, string> Change(IReadOnlyDictionary<string, string> before)
        {
            BrokerConfig broker = host.Configs.Broker;
            Dictionary<string, string> after = ConfigChange.Apply(
                changes, keepsOthers ? before : _nothing, definitions,
                d => resource.Type == ConfigResourceType.Broker ? broker.Value(d.Name) : broker.Inherited(d), refusal);
            check(after);
            return after;
        }
    }

    private void CheckBroker(string name, IReadOnlyList<ConfigChange> changes)
    {
        if (name.Length > 0 && name != host.Configs.NodeName)
        {
            bool isNumber = int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
            throw new KafkaException(
                ErrorCode.InvalidRequest,
                isNumber ? $"Unexpected broker id {name}, this is {host.Configs.NodeName}." : $"A broker id is a number, not '{name}'.");
        }
        foreach (ConfigChange change in changes)
        {
            ConfigUpdate update = BrokerConfigs.All.TryGetValue(change.Name, out ConfigDefinition? definition)
                ? definition.Update
                : ConfigUpdate.ClusterWide; // refused as unknown
            if (update == ConfigUpdate.ReadOnly)
                throw new KafkaException(ErrorCode.InvalidRequest, $"Config '{change.Name}' cannot be changed while the broker runs.");
            if (update == ConfigUpdate.PerBroker && name.Length == 0)
                throw new KafkaException(ErrorCode.InvalidRequest, $"Config '{change.Name}' is set for single brokers only.");
        }
    }

    private static void CheckNamed(ConfigResource resource)
    {
        if (resource.Name.Length == 0)
            throw new KafkaException(ErrorCode.InvalidRequest, "The resource has no name.");
    }

    private void CheckGroup(IReadOnlyDictionary<string, string> values)
    {
        BrokerConfig broker = host.Configs.Broker;
        foreach (string kind in (string[])["consumer", "share", "streams"])
        {
            long heartbeat = CheckInterval(values, broker, kind, "heartbeat.interval.ms");
            long session = CheckInterval(values, broker, kind, "session.timeout.ms");
            if (session <= heartbeat)
            {
                throw new KafkaException(
                    ErrorCode.InvalidConfig, $"{kind}.session.timeout.ms must be greater than {kind}.heartbeat.interval.ms.");
            }
        }
    }

    private static long CheckInterval(IReadOnlyDictionary<string, string> values, BrokerConfig broker, string kind, string name)
    {
        ConfigDefinition definition = GroupConfigs.All[$"{kind}.{name}"];
        long value = long.Parse(
            values.GetValueOrDefault(definition.Name) ?? broker.Inherited(definition)!, CultureInfo.InvariantCulture);
        (long min, long max) = (broker.Number($"group.{kind}.min.{name}"), broker.Number($"group.{kind}.max.{name}"));
        return value >= min && value <= max
            ? value
            : throw new KafkaException(ErrorCode.InvalidConfig, $"{definition.Name} must be from {min} to {max}, not {value}.");
    }
}
