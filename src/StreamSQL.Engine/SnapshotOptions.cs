namespace StreamSQL.Engine;

/// <summary>When state snapshots are written, and what that may cost.</summary>
public sealed record SnapshotOptions
{
    /// <summary>How often the states are looked at.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A snapshot is due when the changelog has grown by this share of the state's memory since the last one.</summary>
    public double Growth { get; init; } = 0.5;

    /// <summary>But not before the changelog has grown by so many bytes: reading less than this takes no time.</summary>
    public long MinGrowthBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes a second that all snapshots together may write.</summary>
    public long BytesPerSecond { get; init; } = 32 * 1024 * 1024;

    /// <summary>
    /// A snapshot of this age is written again if the changelog has grown at all. One of twice this age is not used with a changelog that
    /// has grown: compaction may have taken away deletions that it should have seen,
    /// <c>delete.retention.ms</c> after they were written (Kafka's default is 24 hours).
    /// </summary>
    public TimeSpan RefreshAge { get; init; } = TimeSpan.FromHours(12);
}
