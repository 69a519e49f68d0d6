namespace StreamSQL.Broker.Configs;

/// <summary>What has configs, by the numbers of the protocol.</summary>
public enum ConfigResourceType : sbyte
{
    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A broker; without a name, the default of all brokers.</summary>
    Broker = 4,

    /// <summary>The loggers of a broker.</summary>
    BrokerLogger = 8,

    /// <summary>A client metrics subscription (KIP-714).</summary>
    ClientMetrics = 16,

    /// <summary>A group (KIP-848).</summary>
    Group = 32,
}

/// <summary>Something that has configs.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name);
