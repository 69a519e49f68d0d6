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

    /// <summary>The most groups of this broker with members or pending members.</summary>
    public int MaxGroups { get; init; } = 10_000;
}
