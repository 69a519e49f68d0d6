namespace StreamSQL.Broker.Configs;

/// <summary>How a broker config can be changed while the broker runs.</summary>
public enum ConfigUpdate
{
    /// <summary>Not at all.</summary>
    ReadOnly,

    /// <summary>For one broker.</summary>
    PerBroker,

    /// <summary>For one broker, or as the default of all.</summary>
    ClusterWide,
}
