using static StreamSQL.Broker.Configs.ConfigUpdate;
using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Logs, and what topics inherit.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Log =>
    [
        new("compression.gzip.level", Type.Int, "-1", "The default of the topic config of the same name.")
        { Update = ClusterWide, Minimum = -1, Maximum = 9, Hole = 0 },
        new("compression.lz4.level", Type.Int, "9", "The default of the topic config of the same name.")
        { Update = ClusterWide, Minimum = 1, Maximum = 17 },
        new("compression.type", Type.String, "producer", "The default of the topic config of the same name.")
        { Update = ClusterWide, Words = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"] },
        new("compression.zstd.level", Type.Int, "3", "The default of the topic config of the same name.")
        { Update = ClusterWide, Minimum = -131072, Maximum = 22 },
        new("log.cleaner.backoff.ms", Type.Long, "15000", "How long the cleaner rests when there is nothing to clean.") { Minimum = 0 },
        new("log.cleaner.dedupe.buffer.size", Type.Long, "134217728", "Memory of the cleaner's map of keys."),
        new("log.cleaner.delete.retention.ms", Type.Long, "86400000", "The default of delete.retention.ms.")
        { Update = ClusterWide, Minimum = 0 },
        new("log.cleaner.enable", Type.Boolean, "true", "Whether topics are compacted."),
        new("log.cleaner.io.buffer.load.factor", Type.Double, "0.9", "How full the cleaner's map may become."),
        new("log.cleaner.io.buffer.size", Type.Int, "524288", "Memory of the cleaner's buffers.") { Minimum = 0 },
        new("log.cleaner.io.max.bytes.per.second", Type.Double, "1.7976931348623157E308",
            "The most that the cleaner reads and writes in a second."),
        new("log.cleaner.max.compaction.lag.ms", Type.Long, "9223372036854775807", "The default of max.compaction.lag.ms.")
        { Update = ClusterWide, Minimum = 1 },
        new("log.cleaner.min.cleanable.ratio", Type.Double, "0.5", "The default of min.cleanable.dirty.ratio.")
        { Update = ClusterWide, Minimum = 0, Maximum = 1 },
        new("log.cleaner.min.compaction.lag.ms", Type.Long, "0", "The default of min.compaction.lag.ms.")
        { Update = ClusterWide, Minimum = 0 },
        new("log.cleaner.threads", Type.Int, "1", "Threads that compact.") { Minimum = 0 },
        new("log.cleanup.policy", Type.List, "delete", "The default of cleanup.policy.")
        { Update = ClusterWide, Words = ["delete", "compact"] },
        new("log.dir", Type.String, "/tmp/kafka-logs", "The data directory, where log.dirs is not set."),
        new("log.dir.failure.timeout.ms", Type.Long, "30000",
            "How long a failed data directory may stay unreported before the broker stops.")
        { Minimum = 1 },
        new("log.dirs", Type.String, null, "The data directories."),
        new("log.flush.interval.messages", Type.Long, "9223372036854775807", "The default of flush.messages.")
        { Update = ClusterWide, Minimum = 1 },
        new("log.flush.interval.ms", Type.Long, null, "The default of flush.ms.") { Update = ClusterWide, Minimum = 0 },
        new("log.flush.offset.checkpoint.interval.ms", Type.Int, "60000", "How often the recovery point is saved.") { Minimum = 0 },
        new("log.flush.policy", Type.String, "commit", "The default of flush.policy.")
        { Update = ClusterWide, Words = FlushPolicies.Words },
        new("log.flush.scheduler.interval.ms", Type.Long, "9223372036854775807",
            "How often it is checked whether a log is to be forced to disk."),
        new("log.flush.start.offset.checkpoint.interval.ms", Type.Int, "60000", "How often the first offsets of logs are saved.")
        { Minimum = 0 },
        new("log.index.interval.bytes", Type.Int, "4096", "The default of index.interval.bytes.") { Update = ClusterWide, Minimum = 0 },
        new("log.index.size.max.bytes", Type.Int, "10485760", "The default of segment.index.bytes.") { Update = ClusterWide, Minimum = 4 },
        new("log.local.retention.bytes", Type.Long, "-2", "The default of local.retention.bytes.") { Update = ClusterWide, Minimum = -2 },
        new("log.local.retention.ms", Type.Long, "-2", "The default of local.retention.ms.") { Update = ClusterWide, Minimum = -2 },
        new("log.message.timestamp.after.max.ms", Type.Long, "3600000", "The default of message.timestamp.after.max.ms.")
        { Update = ClusterWide, Minimum = 0 },
        new("log.message.timestamp.before.max.ms", Type.Long, "9223372036854775807", "The default of message.timestamp.before.max.ms.")
        { Update = ClusterWide, Minimum = 0 },
        new("log.message.timestamp.type", Type.String, "CreateTime", "The default of message.timestamp.type.")
        { Update = ClusterWide, Words = ["CreateTime", "LogAppendTime"] },
        new("log.preallocate", Type.Boolean, "false", "The default of preallocate.") { Update = ClusterWide },
        new("log.retention.bytes", Type.Long, "-1", "The default of retention.bytes.") { Update = ClusterWide },
        new("log.retention.check.interval.ms", Type.Long, "300000", "How often retention is applied.") { Minimum = 1 },
        new("log.retention.hours", Type.Int, "168",
            "The default of retention.ms in hours, where neither log.retention.ms nor log.retention.minutes is set."),
        new("log.retention.minutes", Type.Int, null, "The default of retention.ms in minutes, where log.retention.ms is not set."),
        new("log.retention.ms", Type.Long, null, "The default of retention.ms.") { Update = ClusterWide, Minimum = -1 },
        new("log.roll.hours", Type.Int, "168", "The default of segment.ms in hours, where log.roll.ms is not set.") { Minimum = 1 },
        new("log.roll.jitter.hours", Type.Int, "0", "The default of segment.jitter.ms in hours, where log.roll.jitter.ms is not set.")
        { Minimum = 0 },
        new("log.roll.jitter.ms", Type.Long, null, "The default of segment.jitter.ms.") { Update = ClusterWide, Minimum = 0 },
        new("log.roll.ms", Type.Long, null, "The default of segment.ms.") { Update = ClusterWide, Minimum = 1 },
        new("log.segment.bytes", Type.Int, "1073741824", "The default of segment.bytes.") { Update = ClusterWide, Minimum = 1048576 },
        new("log.segment.delete.delay.ms", Type.Long, "60000", "The default of file.delete.delay.ms.")
        { Update = ClusterWide, Minimum = 0 },
        new("message.max.bytes", Type.Int, "1048588", "The default of max.message.bytes.") { Update = ClusterWide, Minimum = 0 },
        new("min.insync.replicas", Type.Int, "1", "The default of the topic config of the same name.")
        { Update = ClusterWide, Minimum = 1 },
        new("num.recovery.threads.per.data.dir", Type.Int, "2", "Threads that recover the logs of a data directory.") { Minimum = 1 },
        new("unclean.leader.election.enable", Type.Boolean, "false", "The default of the topic config of the same name.")
        { Update = ClusterWide },
    ];
}
