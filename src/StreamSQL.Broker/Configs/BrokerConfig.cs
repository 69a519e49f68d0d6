using System.Globalization;

namespace StreamSQL.Broker.Configs;

/// <summary>A value of a config and where it comes from.</summary>
/// <param name="Name">The config, or a synonym of it.</param>
/// <param name="Value">Its value; null when it has none.</param>
/// <param name="Source">Where it was set.</param>
public readonly record struct ConfigValue(string Name, string? Value, ConfigSource Source);

/// <summary>
/// The broker's configs: what was set for this broker, over what was set for all brokers, over what it was started with, over the defaults.
/// Immutable.
/// </summary>
public sealed class BrokerConfig
{
    private readonly IReadOnlyDictionary<string, string> _atStart;
    private readonly IReadOnlyDictionary<string, string> _ofBroker;
    private readonly IReadOnlyDictionary<string, string> _ofAllBrokers;

    /// <summary>Layers of values, by name.</summary>
    /// <param name="atStart">What the broker was started with.</param>
    /// <param name="ofBroker">What was set for this broker since.</param>
    /// <param name="ofAllBrokers">What was set for all brokers since.</param>
    public BrokerConfig(
        IReadOnlyDictionary<string, string> atStart, IReadOnlyDictionary<string, string> ofBroker,
        IReadOnlyDictionary<string, string> ofAllBrokers)
    {
        _atStart = atStart;
        _ofBroker = ofBroker;
        _ofAllBrokers = ofAllBrokers;
    }

    /// <summary>Kafka's defaults.</summary>
    public static BrokerConfig Default { get; } =
        new(new Dictionary<string, string>(), new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>The value in force; null when there is none.</summary>
    public string? Value(string name)
    {
        if (_ofBroker.TryGetValue(name, out string? value) || _ofAllBrokers.TryGetValue(name, out value)
            || _atStart.TryGetValue(name, out value))
            return value;
        return BrokerConfigs.All[name].Default;
    }

    /// <summary>The number in force.</summary>
    public long Number(string name) => long.Parse(Value(name)!, CultureInfo.InvariantCulture);

    /// <summary>What a topic or a group inherits that does not set the config itself.</summary>
    public string? Inherited(ConfigDefinition definition)
    {
        foreach (ConfigSynonym synonym in definition.Synonyms)
        {
            if (Value(synonym.Name) is not { } value)
                continue;
            return synonym.Factor == 1
                ? value
                : (long.Parse(value, CultureInfo.InvariantCulture) * synonym.Factor).ToString(CultureInfo.InvariantCulture);
        }
        return definition.Default;
    }

    /// <summary>
    /// Every value that configs have, from the layer that counts most to the defaults. What stands before the first value of the first
    /// config is left out, as Kafka does it.
    /// </summary>
    public IEnumerable<ConfigValue> Synonyms(IReadOnlyList<string> names)
    {
        IEnumerable<ConfigValue> values =
        [
            .. Layer(_ofBroker, ConfigSource.DynamicBroker),
            .. Layer(_ofAllBrokers, ConfigSource.DynamicDefaultBroker),
            .. Layer(_atStart, ConfigSource.StaticBroker),
            .. names.Where(n => BrokerConfigs.All[n].Default is not null)
                .Select(n => new ConfigValue(n, BrokerConfigs.All[n].Default, ConfigSource.Default)),
        ];
        return values.SkipWhile(v => v.Name != names[0]);

        IEnumerable<ConfigValue> Layer(IReadOnlyDictionary<string, string> layer, ConfigSource source) =>
            names.Where(layer.ContainsKey).Select(n => new ConfigValue(n, layer[n], source));
    }
}
