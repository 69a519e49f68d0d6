using System.Globalization;
using System.Net;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;

namespace StreamSQL.Broker.Configs;

/// <summary>The broker configs that follow from how the broker was started, where they differ from Kafka's defaults.</summary>
internal static class StartValues
{
    /// <summary>Those of the broker itself.</summary>
    public static Dictionary<string, string> Of(BrokerOptions options) => Differing(
        ("node.id", options.NodeId),
        ("broker.id", options.NodeId),
        ("process.roles", "broker,controller"),
        ("num.partitions", options.Topics.Partitions),
        ("auto.create.topics.enable", options.AutoCreateTopics),
        ("offsets.topic.num.partitions", options.Topics.InternalPartitions),
        ("transaction.state.log.num.partitions", options.Topics.InternalPartitions),
        ("offsets.topic.replication.factor", 1),
        ("transaction.state.log.replication.factor", 1),
        ("transaction.state.log.min.isr", 1),
        ("transaction.max.timeout.ms", options.MaxTransactionTimeout),
        ("transactional.id.expiration.ms", options.TransactionalIdExpiry),
        ("log.retention.check.interval.ms", options.RetentionInterval),
        ("producer.id.expiration.ms", options.ProducerExpiry),
        ("group.initial.rebalance.delay.ms", options.Groups.InitialRebalanceDelay),
        ("group.min.session.timeout.ms", options.Groups.MinSessionTimeout),
        ("group.max.session.timeout.ms", options.Groups.MaxSessionTimeout),
        ("group.max.size", options.Groups.MaxSize),
        ("group.consumer.max.size", options.Groups.ConsumerMaxSize),
        ("group.consumer.migration.policy", options.Groups.MigrationPolicy.ToString().ToLowerInvariant()),
        ("group.coordinator.rebalance.protocols", "classic,consumer"),
        ("offsets.commit.timeout.ms", options.Groups.WriteTimeout),
        ("offsets.retention.minutes", (long)options.Groups.OffsetsRetention.TotalMinutes),
        ("broker.rack", options.Rack),
        ("log.flush.policy", FlushPolicies.Word(options.FlushPolicy)),
        ("log.cleaner.backoff.ms", options.Cleaner.Backoff),
        ("log.cleaner.dedupe.buffer.size", options.Cleaner.DedupeBufferBytes),
        ("log.cleaner.io.max.bytes.per.second", options.Cleaner.MaxBytesPerSecond));

    /// <summary>Those that hold for all listeners.</summary>
    public static Dictionary<string, string> Of(KafkaListenerOptions listener) => Differing(
        ("socket.request.max.bytes", listener.MaxRequestBytes),
        ("queued.max.request.bytes", Math.Max(listener.MaxQueuedRequestBytes, -1)),
        ("fetch.max.bytes", listener.MaxFetchBytes),
        ("connections.max.idle.ms", listener.IdleTimeout),
        ("max.incremental.fetch.session.cache.slots", listener.MaxFetchSessions),
        ("max.connections", listener.MaxConnections),
        ("max.connections.per.ip", listener.MaxConnectionsPerIp));

    /// <summary>Those that name the listeners.</summary>
    public static Dictionary<string, string> Of(IReadOnlyList<(KafkaListener Listener, IPEndPoint Address)> listeners)
    {
        var values = Names(listeners);
        if (listeners.Any(static l => l.Listener.Sasl is not null))
            values["sasl.enabled.mechanisms"] = string.Join(',', SaslSession.Mechanisms);
        return values;
    }

    private static Dictionary<string, string> Names(IReadOnlyList<(KafkaListener Listener, IPEndPoint Address)> listeners) => new()
    {
        ["listeners"] = string.Join(',', listeners.Select(static l => $"{l.Listener.Name}://{l.Address}")),
        ["advertised.listeners"] = string.Join(',', listeners.Select(static l => l.Listener.AdvertisedHost is { } host
            ? $"{l.Listener.Name}://{host}:{l.Listener.AdvertisedPort}"
            : $"{l.Listener.Name}://{l.Address}")),
        ["listener.security.protocol.map"] = string.Join(
            ',', listeners.Select(static l => $"{l.Listener.Name}:{l.Listener.SecurityProtocol}")),
    };

    private static Dictionary<string, string> Differing(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var differing = new Dictionary<string, string>();
        foreach (var (name, value) in values)
        {
            if (Text(value) is { } text && BrokerConfigs.All[name].Default != text)
                differing.Add(name, text);
        }

        return differing;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        TimeSpan time => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
