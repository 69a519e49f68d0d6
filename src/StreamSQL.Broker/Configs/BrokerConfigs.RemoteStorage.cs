using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Tiered storage.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] RemoteStorage =>
    [
        new("remote.fetch.max.wait.ms", Type.Int, "500", "How long a fetch waits for remote storage.") { Minimum = 1 },
        new("remote.list.offsets.request.timeout.ms", Type.Long, "30000", "How long looking up offsets in remote storage may take.")
        { Minimum = 1 },
        new("remote.log.index.file.cache.total.size.bytes", Type.Long, "1073741824", "The cache of remote indexes.") { Minimum = 1 },
        new("remote.log.manager.copier.thread.pool.size", Type.Int, "10", "Threads that copy to remote storage.") { Minimum = 1 },
        new("remote.log.manager.copy.max.bytes.per.second", Type.Long, "9223372036854775807",
            "The most bytes in a second that are copied to remote storage.")
        { Minimum = 1 },
        new("remote.log.manager.copy.quota.window.num", Type.Int, "11", "How many samples that quota keeps.") { Minimum = 1 },
        new("remote.log.manager.copy.quota.window.size.seconds", Type.Int, "1", "How long such a sample is.") { Minimum = 1 },
        new("remote.log.manager.expiration.thread.pool.size", Type.Int, "10", "Threads that delete from remote storage.") { Minimum = 1 },
        new("remote.log.manager.fetch.max.bytes.per.second", Type.Long, "9223372036854775807",
            "The most bytes in a second that are read from remote storage.")
        { Minimum = 1 },
        new("remote.log.manager.fetch.quota.window.num", Type.Int, "11", "How many samples that quota keeps.") { Minimum = 1 },
        new("remote.log.manager.fetch.quota.window.size.seconds", Type.Int, "1", "How long such a sample is.") { Minimum = 1 },
        new("remote.log.manager.follower.thread.pool.size", Type.Int, "2", "Threads that follow what is in remote storage.")
        { Minimum = 1 },
        new("remote.log.manager.task.interval.ms", Type.Long, "30000", "How often remote storage is attended to.") { Minimum = 1 },
        new("remote.log.manager.thread.pool.size", Type.Int, "2", "Threads that attend to remote storage.") { Minimum = 1 },
        new("remote.log.metadata.custom.metadata.max.bytes", Type.Int, "128", "The largest metadata of a remote segment.") { Minimum = 0 },
        new("remote.log.metadata.manager.class.name", Type.String,
            "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
            "A class that keeps the metadata of remote segments."),
        new("remote.log.metadata.manager.class.path", Type.String, null, "Where that class is."),
        new("remote.log.metadata.manager.impl.prefix", Type.String, "rlmm.config.", "The prefix of its configs."),
        new("remote.log.metadata.manager.listener.name", Type.String, null, "The listener that it uses."),
        new("remote.log.reader.max.pending.tasks", Type.Int, "100", "The most reads of remote storage that wait.") { Minimum = 1 },
        new("remote.log.reader.threads", Type.Int, "10", "Threads that read remote storage.") { Minimum = 1 },
        new("remote.log.storage.manager.class.name", Type.String, null, "A class that is the remote storage."),
        new("remote.log.storage.manager.class.path", Type.String, null, "Where that class is."),
        new("remote.log.storage.manager.impl.prefix", Type.String, "rsm.config.", "The prefix of its configs."),
        new("remote.log.storage.system.enable", Type.Boolean, "false", "Whether there is remote storage."),
    ];
}
