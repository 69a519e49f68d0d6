using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Identity, threads, metadata, metrics.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Server =>
    [
        new("alter.config.policy.class.name", Type.Class, null, "A class that judges changes of configs."),
        new("auto.create.topics.enable", Type.Boolean, "true", "Whether a topic is created when a client asks for its metadata."),
        new("auto.leader.rebalance.enable", Type.Boolean, "true", "Whether leaders are spread evenly by themselves."),
        new("background.threads", Type.Int, "10", "Threads for background work.") { Minimum = 1 },
        new("broker.heartbeat.interval.ms", Type.Int, "2000", "How often a broker tells the controller that it is there."),
        new("broker.id", Type.Int, "-1", "The id of this broker."),
        new("broker.rack", Type.String, null, "Where the broker stands, for replicas in different places."),
        new("broker.session.timeout.ms", Type.Int, "9000", "How long a broker may be silent before it counts as gone."),
        new("controlled.shutdown.enable", Type.Boolean, "true", "Whether leadership is handed over before a broker stops."),
        new("controller.listener.names", Type.String, null, "The listeners of controllers."),
        new("controller.quorum.append.linger.ms", Type.Int, "25", "How long the metadata leader gathers records.") { Minimum = 0 },
        new("controller.quorum.auto.join.enable", Type.Boolean, "false", "Whether a controller joins the quorum by itself."),
        new("controller.quorum.bootstrap.servers", Type.List, "", "Where to find the metadata quorum."),
        new("controller.quorum.election.backoff.max.ms", Type.Int, "1000", "The longest rest between elections.") { Minimum = 0 },
        new("controller.quorum.election.timeout.ms", Type.Int, "1000", "How long to wait for votes.") { Minimum = 0 },
        new("controller.quorum.fetch.timeout.ms", Type.Int, "2000", "How long the leader may be silent before an election.")
        { Minimum = 0 },
        new("controller.quorum.request.timeout.ms", Type.Int, "2000", "How long requests within the quorum may take.") { Minimum = 0 },
        new("controller.quorum.retry.backoff.ms", Type.Int, "20", "How long to wait before a request within the quorum is sent again.")
        { Minimum = 0 },
        new("controller.quorum.voters", Type.List, "", "The voters of the metadata quorum."),
        new("controller.quota.window.num", Type.Int, "11", "How many samples the quota of controller changes keeps.") { Minimum = 1 },
        new("controller.quota.window.size.seconds", Type.Int, "1", "How long such a sample is.") { Minimum = 1 },
        new("controller.socket.timeout.ms", Type.Int, "30000", "The socket timeout between broker and controller."),
        new("create.topic.policy.class.name", Type.Class, null, "A class that judges new topics."),
        new("default.replication.factor", Type.Int, "1", "Replicas of topics that are created without saying."),
        new("delete.topic.enable", Type.Boolean, "true", "Whether topics can be deleted."),
        new("fetch.max.bytes", Type.Int, "57671680", "The most records in one answer to a fetch.") { Minimum = 1024 },
        new("initial.broker.registration.timeout.ms", Type.Int, "60000", "How long a broker tries to register."),
        new("kafka.metrics.polling.interval.secs", Type.Int, "10", "How often metrics reporters are asked.") { Minimum = 1 },
        new("kafka.metrics.reporters", Type.List, "", "Classes that report metrics."),
        new("leader.imbalance.check.interval.seconds", Type.Long, "300", "How often it is checked whether leaders are spread evenly.")
        { Minimum = 1 },
        new("leader.imbalance.per.broker.percentage", Type.Int, "10", "How uneven leaders may be spread."),
        new("max.incremental.fetch.session.cache.slots", Type.Int, "1000", "The most fetch sessions.") { Minimum = 0 },
        new("max.request.partition.size.limit", Type.Int, "2000", "The most partitions in one answer to DescribeTopicPartitions.")
        { Minimum = 1 },
        new("metadata.log.dir", Type.String, null, "Where the metadata log is."),
        new("metadata.log.max.record.bytes.between.snapshots", Type.Long, "20971520",
            "After how many bytes the metadata log is snapshotted.")
        { Minimum = 1 },
        new("metadata.log.max.snapshot.interval.ms", Type.Long, "3600000", "After how long the metadata log is snapshotted.")
        { Minimum = 0 },
        new("metadata.log.segment.bytes", Type.Int, "1073741824", "The size of the metadata log's segments.") { Minimum = 8388608 },
        new("metadata.log.segment.ms", Type.Long, "604800000", "The age of the metadata log's segments."),
        new("metadata.max.idle.interval.ms", Type.Int, "500", "How often the metadata leader writes when nothing happens.") { Minimum = 0 },
        new("metadata.max.retention.bytes", Type.Long, "104857600", "How large the metadata log may grow."),
        new("metadata.max.retention.ms", Type.Long, "604800000", "How long the metadata log is kept."),
        new("metric.reporters", Type.List, "org.apache.kafka.common.metrics.JmxReporter", "Classes that report metrics."),
        new("metrics.num.samples", Type.Int, "2", "How many samples a metric keeps.") { Minimum = 1 },
        new("metrics.recording.level", Type.String, "INFO", "Which metrics are recorded.") { Words = ["INFO", "DEBUG", "TRACE"] },
        new("metrics.sample.window.ms", Type.Long, "30000", "How long a sample of a metric is.") { Minimum = 1 },
        new("node.id", Type.Int, null, "The id of this node.") { Minimum = 0 },
        new("num.io.threads", Type.Int, "8", "Threads that serve requests.") { Minimum = 1 },
        new("num.partitions", Type.Int, "1", "Partitions of topics that are created without saying.") { Minimum = 1 },
        new("num.replica.alter.log.dirs.threads", Type.Int, null, "Threads that move replicas between data directories."),
        new("process.roles", Type.List, null, "What this process is: a broker, a controller, or both.")
            { Words = ["broker", "controller"] },
        new("request.timeout.ms", Type.Int, "30000", "How long the broker waits for answers to its own requests."),
        new("socket.connection.setup.timeout.max.ms", Type.Long, "30000", "The longest that opening a connection may take after failures."),
        new("socket.connection.setup.timeout.ms", Type.Long, "10000", "How long opening a connection may take."),
        new("telemetry.max.bytes", Type.Int, "1048576", "The largest telemetry of a client.") { Minimum = 1 },
    ];
}
