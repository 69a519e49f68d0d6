namespace StreamSQL.Broker.Configs;

/// <summary>
/// Every broker config of Kafka. Those that can be changed while the broker runs are those that do something here; the others tell what the
/// broker was started with, or Kafka's default.
/// </summary>
public static partial class BrokerConfigs
{
    /// <summary>The configs, by name.</summary>
    public static IReadOnlyDictionary<string, ConfigDefinition> All { get; } = new[]
    {
        Log, Server, Network, Security, Replication, Groups, Transactions, RemoteStorage,
    }.SelectMany(d => d).ToDictionary(d => d.Name);
}
