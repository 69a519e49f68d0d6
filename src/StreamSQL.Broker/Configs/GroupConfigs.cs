using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <summary>Every group config of Kafka (KIP-848, KIP-932, KIP-1071).</summary>
public static class GroupConfigs
{
    /// <summary>The configs, by name.</summary>
    public static IReadOnlyDictionary<string, ConfigDefinition> All { get; } = new ConfigDefinition[]
    {
        new("consumer.heartbeat.interval.ms", Type.Int, "5000", "How often the members send heartbeats.")
        { Minimum = 1, Synonyms = [new("group.consumer.heartbeat.interval.ms")] },
        new("consumer.session.timeout.ms", Type.Int, "45000", "How long a member may be silent.")
        { Minimum = 1, Synonyms = [new("group.consumer.session.timeout.ms")] },
        new("share.auto.offset.reset", Type.String, "latest", "Where a share group begins.")
        { Words = ["latest", "earliest"], AcceptsOther = ShareOffsetReset.IsByDuration },
        new("share.heartbeat.interval.ms", Type.Int, "5000", "How often the members of a share group send heartbeats.")
        { Minimum = 1, Synonyms = [new("group.share.heartbeat.interval.ms")] },
        new("share.isolation.level", Type.String, "read_uncommitted", "What a share group sees of transactions.")
        { Words = ["read_uncommitted", "read_committed"] },
        new("share.record.lock.duration.ms", Type.Int, "30000", "How long a share group locks a record.")
        { Minimum = 1000, Synonyms = [new("group.share.record.lock.duration.ms")] },
        new("share.session.timeout.ms", Type.Int, "45000", "How long a member of a share group may be silent.")
        { Minimum = 1, Synonyms = [new("group.share.session.timeout.ms")] },
        new("streams.heartbeat.interval.ms", Type.Int, "5000", "How often the members of a streams group send heartbeats.")
        { Minimum = 1, Synonyms = [new("group.streams.heartbeat.interval.ms")] },
        new("streams.initial.rebalance.delay.ms", Type.Int, "3000", "How long a new streams group waits for more members.")
        { Minimum = 0, Synonyms = [new("group.streams.initial.rebalance.delay.ms")] },
        new("streams.num.standby.replicas", Type.Int, "0", "The standby replicas of a task.")
        { Minimum = 0, Synonyms = [new("group.streams.num.standby.replicas")] },
        new("streams.session.timeout.ms", Type.Int, "45000", "How long a member of a streams group may be silent.")
        { Minimum = 1, Synonyms = [new("group.streams.session.timeout.ms")] },
    }.ToDictionary(d => d.Name);
}
