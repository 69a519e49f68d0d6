namespace StreamSQL.Broker.Handlers;

/// <summary>Where a config's value comes from, by the numbers of DescribeConfigs.</summary>
internal enum ConfigSource : sbyte
{
    /// <summary>Set for the topic.</summary>
    Topic = 1,

    /// <summary>Set when the broker was started.</summary>
    StaticBroker = 4,

    /// <summary>Not set.</summary>
    Default = 5,
}
