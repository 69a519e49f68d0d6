using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <summary>Every topic config of Kafka.</summary>
public static class TopicConfigs
{
    /// <summary>The configs, by name.</summary>
    public static IReadOnlyDictionary<string, ConfigDefinition> All { get; } = new ConfigDefinition[]
    {
        new("cleanup.policy", Type.List, "delete",
            "What happens to old segments: they are deleted, compacted to the last record of each key, or both; neither " +
            "keeps them for ever.")
        { Words = ["delete", "compact"], Synonyms = [new("log.cleanup.policy")] },
        new("compression.gzip.level", Type.Int, "-1", "The level when compression.type is gzip; -1 leaves it to the codec.")
        { Minimum = -1, Maximum = 9, Hole = 0, Synonyms = [new("compression.gzip.level")] },
        new("compression.lz4.level", Type.Int, "9", "The level when compression.type is lz4.")
        { Minimum = 1, Maximum = 17, Synonyms = [new("compression.lz4.level")] },
        new("compression.type", Type.String, "producer", "How batches are compressed on disk; producer keeps what the producer chose.")
        { Words = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"], Synonyms = [new("compression.type")] },
        new("compression.zstd.level", Type.Int, "3", "The level when compression.type is zstd.")
        { Minimum = -131072, Maximum = 22, Synonyms = [new("compression.zstd.level")] },
        new("delete.retention.ms", Type.Long, "86400000", "How long a compacted topic keeps the tombstones of deleted keys.")
        { Minimum = 0, Synonyms = [new("log.cleaner.delete.retention.ms")] },
        new("file.delete.delay.ms", Type.Long, "60000", "How long a file stays on disk after its segment was deleted.")
        { Minimum = 0, Synonyms = [new("log.segment.delete.delay.ms")] },
        new("flush.messages", Type.Long, "9223372036854775807",
            "After how many records the log is forced to disk. With flush.policy=commit, that happens anyway before they can be read.")
        { Minimum = 1, Synonyms = [new("log.flush.interval.messages")] },
        new("flush.ms", Type.Long, "9223372036854775807",
            "After how long the log is forced to disk. With flush.policy=commit, that happens anyway before it can be read.")
        { Minimum = 0, Synonyms = [new("log.flush.interval.ms"), new("log.flush.scheduler.interval.ms")] },
        new("flush.policy", Type.String, "commit",
            "When a write with acks=all is acknowledged and can be read. commit: when it has been forced to disk, so that it survives a " +
            "power cut. interval: when the operating system has it, so that it survives the process; it is forced to disk within " +
            "flush.ms, or a second where that is not set. os: as interval, but the operating system decides when it goes to disk, unless " +
            "flush.ms or flush.messages is set.")
        { Words = FlushPolicies.Words, Synonyms = [new("log.flush.policy")] },
        new("follower.replication.throttled.replicas", Type.List, "",
            "Replicas whose replication is throttled on the follower's side, as partition:broker pairs or *."),
        new("index.interval.bytes", Type.Int, "4096", "How many bytes of records lie between two entries of the offset index.")
        { Minimum = 0, Synonyms = [new("log.index.interval.bytes")] },
        new("internal.segment.bytes", Type.Int, null, "As segment.bytes, without its lower bound; for tests.")
            { Minimum = 14, IsInternal = true },
        new("leader.replication.throttled.replicas", Type.List, "",
            "Replicas whose replication is throttled on the leader's side, as partition:broker pairs or *."),
        new("local.retention.bytes", Type.Long, "-2",
            "How many bytes stay on local disk when older segments are in remote storage; -2 means retention.bytes.")
        { Minimum = -2, Synonyms = [new("log.local.retention.bytes")] },
        new("local.retention.ms", Type.Long, "-2",
            "How long records stay on local disk when older segments are in remote storage; -2 means retention.ms.")
        { Minimum = -2, Synonyms = [new("log.local.retention.ms")] },
        new("max.compaction.lag.ms", Type.Long, "9223372036854775807", "The longest that a record stays uncompacted.")
        { Minimum = 1, Synonyms = [new("log.cleaner.max.compaction.lag.ms")] },
        new("max.message.bytes", Type.Int, "1048588", "The largest record batch.") { Minimum = 0, Synonyms = [new("message.max.bytes")] },
        new("message.timestamp.after.max.ms", Type.Long, "3600000", "How far a record's timestamp may lie in the future.")
        { Minimum = 0, Synonyms = [new("log.message.timestamp.after.max.ms")] },
        new("message.timestamp.before.max.ms", Type.Long, "9223372036854775807", "How far a record's timestamp may lie in the past.")
        { Minimum = 0, Synonyms = [new("log.message.timestamp.before.max.ms")] },
        new("message.timestamp.type", Type.String, "CreateTime", "Whose time a record carries: the producer's or that of the append.")
        { Words = ["CreateTime", "LogAppendTime"], Synonyms = [new("log.message.timestamp.type")] },
        new("min.cleanable.dirty.ratio", Type.Double, "0.5", "The share of a log that must be uncompacted before it is compacted.")
        { Minimum = 0, Maximum = 1, Synonyms = [new("log.cleaner.min.cleanable.ratio")] },
        new("min.compaction.lag.ms", Type.Long, "0", "The shortest that a record stays uncompacted.")
        { Minimum = 0, Synonyms = [new("log.cleaner.min.compaction.lag.ms")] },
        new("min.insync.replicas", Type.Int, "1", "How many replicas must have a write with acks=all; with fewer in sync it is refused.")
        { Minimum = 1, Synonyms = [new("min.insync.replicas")] },
        new("preallocate", Type.Boolean, "false", "Whether segment files are made in full size.") { Synonyms = [new("log.preallocate")] },
        new("remote.log.copy.disable", Type.Boolean, "false", "Whether no more segments go to remote storage."),
        new("remote.log.delete.on.disable", Type.Boolean, "false",
            "Whether remote segments are deleted when remote storage is turned off."),
        new("remote.storage.enable", Type.Boolean, "false", "Whether older segments go to remote storage. This broker has none."),
        new("retention.bytes", Type.Long, "-1", "How large a partition may grow before its oldest segments are deleted; -1 is no limit.")
        { Synonyms = [new("log.retention.bytes")] },
        new("retention.ms", Type.Long, "604800000", "How long records are kept; -1 is for ever.")
        { Minimum = -1, Synonyms = [new("log.retention.ms"), new("log.retention.minutes", 60_000), new("log.retention.hours", 3_600_000)] },
        new("segment.bytes", Type.Int, "1073741824", "The size at which a new segment begins.")
        { Minimum = 1048576, Synonyms = [new("log.segment.bytes")] },
        new("segment.index.bytes", Type.Int, "10485760", "The largest index of a segment.")
        { Minimum = 4, Synonyms = [new("log.index.size.max.bytes")] },
        new("segment.jitter.ms", Type.Long, "0", "At most so much earlier a segment ends, so that not all end at once.")
        { Minimum = 0, Synonyms = [new("log.roll.jitter.ms"), new("log.roll.jitter.hours", 3_600_000)] },
        new("segment.ms", Type.Long, "604800000", "The age at which a new segment begins.")
        { Minimum = 1, Synonyms = [new("log.roll.ms"), new("log.roll.hours", 3_600_000)] },
        new("unclean.leader.election.enable", Type.Boolean, "false",
            "Whether a replica that is not in sync may become leader, which can lose records.")
        { Synonyms = [new("unclean.leader.election.enable")] },
    }.ToDictionary(d => d.Name);
}
