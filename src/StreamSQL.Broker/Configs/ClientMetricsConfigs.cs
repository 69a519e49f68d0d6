using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <summary>Every config of a client metrics subscription (KIP-714).</summary>
public static class ClientMetricsConfigs
{
    /// <summary>The configs, by name.</summary>
    public static IReadOnlyDictionary<string, ConfigDefinition> All { get; } = new ConfigDefinition[]
    {
        new("interval.ms", Type.Int, "300000", "How often clients send their metrics.") { Minimum = 100, Maximum = 3600000 },
        new("match", Type.List, "", "Which clients send metrics: pairs of a name and a regular expression."),
        new("metrics", Type.List, "", "Prefixes of the names of the metrics that clients send."),
    }.ToDictionary(d => d.Name);
}
