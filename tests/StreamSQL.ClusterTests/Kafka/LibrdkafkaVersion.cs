namespace StreamSQL.ClusterTests.Kafka;

/// <summary>Which librdkafka a program is compiled against.</summary>
public enum LibrdkafkaVersion
{
    /// <summary>The distribution's, 2.0.2 on Debian 12: classic groups, the exact-overlap feature map.</summary>
    Debian,

    /// <summary>The NuGet package <c>librdkafka.redist</c>: KIP-848, newer versions of every API.</summary>
    Newest,
}
