using static StreamSQL.Broker.Configs.ConfigUpdate;
using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Replication and quotas.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Replication =>
    [
        new("alter.log.dirs.replication.quota.window.num", Type.Int, "11",
            "How many samples the quota of moves between data directories keeps.")
        { Minimum = 1 },
        new("alter.log.dirs.replication.quota.window.size.seconds", Type.Int, "1", "How long such a sample is.") { Minimum = 1 },
        new("client.quota.callback.class", Type.Class, null, "A class that decides client quotas."),
        new("delete.records.purgatory.purge.interval.requests", Type.Int, "1", "How often waiting deletions are swept."),
        new("fetch.purgatory.purge.interval.requests", Type.Int, "1000", "How often waiting fetches are swept."),
        new("follower.replication.throttled.rate", Type.Long, "9223372036854775807",
            "The most bytes in a second that throttled replicas fetch.")
        { Update = PerBroker, Minimum = 0 },
        new("leader.replication.throttled.rate", Type.Long, "9223372036854775807",
            "The most bytes in a second that are sent to throttled replicas.")
        { Update = PerBroker, Minimum = 0 },
        new("num.replica.fetchers", Type.Int, "1", "Threads that fetch from each leader."),
        new("producer.purgatory.purge.interval.requests", Type.Int, "1000", "How often waiting writes are swept."),
        new("quota.window.num", Type.Int, "11", "How many samples client quotas keep.") { Minimum = 1 },
        new("quota.window.size.seconds", Type.Int, "1", "How long such a sample is.") { Minimum = 1 },
        new("replica.alter.log.dirs.io.max.bytes.per.second", Type.Long, "9223372036854775807",
            "The most bytes in a second that moves between data directories take.")
        { Update = PerBroker, Minimum = 0 },
        new("replica.fetch.backoff.ms", Type.Int, "1000", "How long a follower waits after a failed fetch.") { Minimum = 0 },
        new("replica.fetch.max.bytes", Type.Int, "1048576", "How much of a partition a follower fetches at once.") { Minimum = 0 },
        new("replica.fetch.min.bytes", Type.Int, "1", "How little a follower's fetch waits for."),
        new("replica.fetch.response.max.bytes", Type.Int, "10485760", "The most in one answer to a follower.") { Minimum = 0 },
        new("replica.fetch.wait.max.ms", Type.Int, "500", "How long a follower's fetch waits."),
        new("replica.high.watermark.checkpoint.interval.ms", Type.Long, "5000", "How often high watermarks are saved."),
        new("replica.lag.time.max.ms", Type.Long, "30000", "How long a follower may lag and stay in sync."),
        new("replica.selector.class", Type.String, null, "A class that chooses the replica to read from."),
        new("replica.socket.receive.buffer.bytes", Type.Int, "65536", "The receive buffer of followers' sockets."),
        new("replica.socket.timeout.ms", Type.Int, "30000", "The socket timeout of followers."),
        new("replication.quota.window.num", Type.Int, "11", "How many samples replication quotas keep.") { Minimum = 1 },
        new("replication.quota.window.size.seconds", Type.Int, "1", "How long such a sample is.") { Minimum = 1 },
    ];
}
