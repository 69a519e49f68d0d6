namespace StreamSQL.Engine.Leases;

/// <summary>Who asks for the lease, and how long its holder may be silent.</summary>
public sealed record LeaseOptions
{
    /// <summary>How often a holder says that it is there, in that time.</summary>
    private const int BeatsUntilTakeover = 5;

    /// <summary>
    /// Which engine it is. It stays the same over restarts, and no two processes that run have the same: then a restart need not wait.
    /// </summary>
    public required Guid Engine { get; init; }

    /// <summary>Where its SQL clients connect; others send theirs there.</summary>
    public required string Address { get; init; }

    /// <summary>After how long a silence of its holder another engine takes the lease.</summary>
    public TimeSpan TakeoverAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Replicas of the lease topic; -1 leaves it to the cluster.</summary>
    public short ReplicationFactor { get; init; } = 1;

    /// <summary>The time between two signs of life.</summary>
    internal TimeSpan Beat => TakeoverAfter / BeatsUntilTakeover;
}
