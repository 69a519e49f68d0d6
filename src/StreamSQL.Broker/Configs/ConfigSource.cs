namespace StreamSQL.Broker.Configs;

/// <summary>Where a config's value comes from, by the numbers of DescribeConfigs.</summary>
public enum ConfigSource : sbyte
{
    /// <summary>Set for the topic.</summary>
    Topic = 1,

    /// <summary>Set for this broker while it ran.</summary>
    DynamicBroker = 2,

    /// <summary>Set for all brokers while they ran.</summary>
    DynamicDefaultBroker = 3,

    /// <summary>Set when the broker was started.</summary>
    StaticBroker = 4,

    /// <summary>Not set.</summary>
    Default = 5,

    /// <summary>The level of a logger.</summary>
    DynamicBrokerLogger = 6,

    /// <summary>Set for the client metrics subscription.</summary>
    ClientMetrics = 7,

    /// <summary>Set for the group.</summary>
    Group = 8,
}
