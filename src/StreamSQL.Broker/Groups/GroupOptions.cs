namespace StreamSQL.Broker.Groups;

/// <summary>Limits of consumer groups.</summary>
public sealed record GroupOptions
{
    /// <summary>
    /// <c>group.initial.rebalance.delay.ms</c>: how long an empty group waits for more members before its first generation.
    /// </summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary><c>group.min.session.timeout.ms</c>.</summary>
    public TimeSpan MinSessionTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary><c>group.max.session.timeout.ms</c>.</summary>
    public TimeSpan MaxSessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary><c>group.max.size</c>: the most members of a group.</summary>
    public int MaxSize { get; init; } = 1000;

    /// <summary>The most groups of each partition of <c>__consumer_offsets</c> for a new one to be joined.</summary>
    public int MaxGroups { get; init; } = 10_000;

    /// <summary><c>group.consumer.max.size</c>: the most members of a group under the consumer protocol.</summary>
    public int ConsumerMaxSize { get; init; } = 1000;

    /// <summary><c>group.consumer.migration.policy</c>.</summary>
    public MigrationPolicy MigrationPolicy { get; init; } = MigrationPolicy.Bidirectional;

    /// <summary><c>offsets.retention.minutes</c>: how long a group's offsets are kept after it is empty.</summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>offsets.retention.check.interval.ms</c>: how often offsets that have outlived their group are looked for.</summary>
    public TimeSpan OffsetsRetentionCheckInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary><c>offset.metadata.max.bytes</c>: the most characters that a client may have kept beside an offset.</summary>
    public int MaxOffsetMetadataLength { get; init; } = 4096;

    /// <summary>
    /// <c>offsets.commit.timeout.ms</c>: how long a request to a coordinator waits for the disk before it is answered
    /// <see cref="Kafka.ErrorCode.CoordinatorNotAvailable"/>; what it asked for may be written later.
    /// </summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
