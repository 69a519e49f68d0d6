using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Consumer, share and streams groups, and committed offsets.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Groups =>
    [
        new("group.consumer.assignors", Type.List, "uniform,range", "The assignors of the broker, the default first."),
        new("group.consumer.heartbeat.interval.ms", Type.Int, "5000", "How often members of consumer groups send heartbeats.")
        { Minimum = 1 },
        new("group.consumer.max.heartbeat.interval.ms", Type.Int, "15000", "The longest heartbeat interval that a group may be given.")
        { Minimum = 1 },
        new("group.consumer.max.session.timeout.ms", Type.Int, "60000", "The longest session timeout that a group may be given.")
        { Minimum = 1 },
        new("group.consumer.max.size", Type.Int, "2147483647", "The most members of a consumer group.") { Minimum = 1 },
        new("group.consumer.migration.policy", Type.String, "bidirectional",
            "Which live conversions between classic and consumer groups are allowed.")
        { Words = ["bidirectional", "upgrade", "downgrade", "disabled"], IgnoresCase = true },
        new("group.consumer.min.heartbeat.interval.ms", Type.Int, "5000", "The shortest heartbeat interval that a group may be given.")
        { Minimum = 1 },
        new("group.consumer.min.session.timeout.ms", Type.Int, "45000", "The shortest session timeout that a group may be given.")
        { Minimum = 1 },
        new("group.consumer.session.timeout.ms", Type.Int, "45000", "How long a member of a consumer group may be silent.") { Minimum = 1 },
        new("group.coordinator.append.linger.ms", Type.Int, "5", "How long the group coordinator gathers records.") { Minimum = 0 },
        new("group.coordinator.rebalance.protocols", Type.List, "classic,consumer,streams", "The group protocols.")
        { Words = ["classic", "consumer", "share", "streams"] },
        new("group.coordinator.threads", Type.Int, "4", "Threads of the group coordinator.") { Minimum = 1 },
        new("group.initial.rebalance.delay.ms", Type.Int, "3000", "How long a new classic group waits for more members."),
        new("group.max.session.timeout.ms", Type.Int, "1800000", "The longest session timeout in a classic group."),
        new("group.max.size", Type.Int, "2147483647", "The most members of a classic group.") { Minimum = 1 },
        new("group.min.session.timeout.ms", Type.Int, "6000", "The shortest session timeout in a classic group."),
        new("group.share.assignors", Type.List, "simple", "The assignor of share groups."),
        new("group.share.delivery.count.limit", Type.Int, "5", "How often a record is delivered to a share group.")
        { Minimum = 2, Maximum = 10 },
        new("group.share.heartbeat.interval.ms", Type.Int, "5000", "How often members of share groups send heartbeats.") { Minimum = 1 },
        new("group.share.max.heartbeat.interval.ms", Type.Int, "15000", "The longest heartbeat interval of share groups.") { Minimum = 1 },
        new("group.share.max.record.lock.duration.ms", Type.Int, "60000", "The longest that a share group may lock a record.")
        { Minimum = 30000, Maximum = 3600000 },
        new("group.share.max.session.timeout.ms", Type.Int, "60000", "The longest session timeout of share groups.") { Minimum = 1 },
        new("group.share.max.share.sessions", Type.Int, "2000", "The most share sessions.") { Minimum = 1 },
        new("group.share.max.size", Type.Int, "200", "The most members of a share group.") { Minimum = 1, Maximum = 1000 },
        new("group.share.min.heartbeat.interval.ms", Type.Int, "5000", "The shortest heartbeat interval of share groups.") { Minimum = 1 },
        new("group.share.min.record.lock.duration.ms", Type.Int, "15000", "The shortest that a share group may lock a record.")
        { Minimum = 1000, Maximum = 30000 },
        new("group.share.min.session.timeout.ms", Type.Int, "45000", "The shortest session timeout of share groups.") { Minimum = 1 },
        new("group.share.partition.max.record.locks", Type.Int, "2000", "The most locked records of a share partition.")
        { Minimum = 100, Maximum = 10000 },
        new("group.share.record.lock.duration.ms", Type.Int, "30000", "How long a share group locks a record.")
        { Minimum = 1000, Maximum = 3600000 },
        new("group.share.session.timeout.ms", Type.Int, "45000", "How long a member of a share group may be silent.") { Minimum = 1 },
        new("group.streams.heartbeat.interval.ms", Type.Int, "5000", "How often members of streams groups send heartbeats.")
        { Minimum = 1 },
        new("group.streams.initial.rebalance.delay.ms", Type.Int, "3000", "How long a new streams group waits for more members.")
        { Minimum = 0 },
        new("group.streams.max.heartbeat.interval.ms", Type.Int, "15000", "The longest heartbeat interval of streams groups.")
        { Minimum = 1 },
        new("group.streams.max.session.timeout.ms", Type.Int, "60000", "The longest session timeout of streams groups.") { Minimum = 1 },
        new("group.streams.max.size", Type.Int, "2147483647", "The most members of a streams group.") { Minimum = 1 },
        new("group.streams.max.standby.replicas", Type.Int, "2", "The most standby replicas of a task.") { Minimum = 0 },
        new("group.streams.min.heartbeat.interval.ms", Type.Int, "5000", "The shortest heartbeat interval of streams groups.")
        { Minimum = 1 },
        new("group.streams.min.session.timeout.ms", Type.Int, "45000", "The shortest session timeout of streams groups.") { Minimum = 1 },
        new("group.streams.num.standby.replicas", Type.Int, "0", "The standby replicas of a task.") { Minimum = 0 },
        new("group.streams.session.timeout.ms", Type.Int, "45000", "How long a member of a streams group may be silent.") { Minimum = 1 },
        new("offset.metadata.max.bytes", Type.Int, "4096", "The largest metadata of a committed offset."),
        new("offsets.commit.timeout.ms", Type.Int, "5000", "How long a commit may take.") { Minimum = 1 },
        new("offsets.load.buffer.size", Type.Int, "5242880", "How much is read at once when offsets are loaded.") { Minimum = 1 },
        new("offsets.retention.check.interval.ms", Type.Long, "600000", "How often expired offsets are looked for.") { Minimum = 1 },
        new("offsets.retention.minutes", Type.Int, "10080", "How long the offsets of an empty group are kept.") { Minimum = 1 },
        new("offsets.topic.compression.codec", Type.Int, "0", "How the offsets topic is compressed."),
        new("offsets.topic.num.partitions", Type.Int, "50", "Partitions of the offsets topic.") { Minimum = 1 },
        new("offsets.topic.replication.factor", Type.Short, "3", "Replicas of the offsets topic.") { Minimum = 1 },
        new("offsets.topic.segment.bytes", Type.Int, "104857600", "Segments of the offsets topic.") { Minimum = 1 },
        new("share.coordinator.append.linger.ms", Type.Int, "5", "How long the share coordinator gathers records.") { Minimum = 0 },
        new("share.coordinator.load.buffer.size", Type.Int, "5242880", "How much is read at once when share state is loaded.")
        { Minimum = 1 },
        new("share.coordinator.snapshot.update.records.per.snapshot", Type.Int, "500",
            "How many updates of share state come between snapshots.")
        { Minimum = 0 },
        new("share.coordinator.state.topic.compression.codec", Type.Int, "0", "How the share state topic is compressed."),
        new("share.coordinator.state.topic.min.isr", Type.Short, "2", "In-sync replicas of the share state topic.") { Minimum = 1 },
        new("share.coordinator.state.topic.num.partitions", Type.Int, "50", "Partitions of the share state topic.") { Minimum = 1 },
        new("share.coordinator.state.topic.replication.factor", Type.Short, "3", "Replicas of the share state topic.") { Minimum = 1 },
        new("share.coordinator.state.topic.segment.bytes", Type.Int, "104857600", "Segments of the share state topic.") { Minimum = 1 },
        new("share.coordinator.threads", Type.Int, "1", "Threads of the share coordinator.") { Minimum = 1 },
        new("share.coordinator.write.timeout.ms", Type.Int, "5000", "How long a write of share state may take.") { Minimum = 1 },
        new("share.fetch.purgatory.purge.interval.requests", Type.Int, "1000", "How often waiting share fetches are swept."),
    ];
}
