namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>How an engine shares queries with others on the same broker.</summary>
public sealed record SharingOptions
{
    private const int BeatsPerSession = 6;

    /// <summary>
    /// Which engine it is. It stays the same over restarts, so that it gets the same share again, whose snapshots it has; no two processes
    /// that run have the same.
    /// </summary>
    public required Guid Engine { get; init; }

    /// <summary>Where definitions are changed now, for those who ask here; empty when that is not known.</summary>
    public required Func<string> Holder { get; init; }

    /// <summary>
    /// After how long a silence of an engine the others go on with its share. Brokers have bounds of their own
    /// (<c>group.min.session.timeout.ms</c>: 6 s).
    /// </summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two signs of life.</summary>
    internal TimeSpan Beat => SessionTimeout / BeatsPerSession;
}
