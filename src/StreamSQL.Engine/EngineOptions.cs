namespace StreamSQL.Engine;

/// <summary>What an engine is started with.</summary>
public sealed record EngineOptions
{
    /// <summary>
    /// The most commit groups of a query: its tasks are divided among them by partition. Fixed for the life of a data directory.
    /// </summary>
    public int CommitGroups { get; init; } = 4;

    /// <summary>
    /// Whether queries that read the same partitions run on one worker and read, check and decode records together where they stand at the
    /// same offset. Results do not depend on it.
    /// </summary>
    public bool ShareScans { get; init; } = true;

    /// <summary>
    /// What the tasks of a commit group may hold of output before it is committed, bytes. The outputs
    /// of one batch of rows, or of one window, are not divided.
    /// </summary>
    public long MaxOpenOutputBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// What may lie unread in a repartition topic before the stage that writes it waits, bytes. Commits that are under way come on top.
    /// </summary>
    public long MaxUnreadBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>What all queries together may hold in memory, bytes.</summary>
    public long MemoryLimitBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>What one query may hold in memory, bytes.</summary>
    public long QueryMemoryLimitBytes { get; init; } = 2L * 1024 * 1024 * 1024;

    /// <summary>How the processors share the scan of a table.</summary>
    public LaneOptions Lanes { get; init; } = new();

    /// <summary>What an open transaction of a client may hold of written rows, bytes.</summary>
    public long MaxTransactionBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Replicas of the topics that the engine makes.</summary>
    public short ReplicationFactor { get; init; } = 1;

    /// <summary>When state snapshots are written, and what that may cost.</summary>
    public SnapshotOptions Snapshots { get; init; } = new();

    /// <summary>When failed queries are started again.</summary>
    public QueryRestartOptions Restarts { get; init; } = new();

    /// <summary>ksqlDB properties that every session begins with.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}

/// <summary>How the processors share the scan of a table by a bounded query.</summary>
public sealed record LaneOptions
{
    /// <summary>The most processors for one query.</summary>
    public int Max { get; init; } = Math.Min(Environment.ProcessorCount, 8);

    /// <summary>
    /// The fewest rows of the table, about, for each of them: to start another one takes as long as to group some thousand rows.
    /// </summary>
    public int MinRows { get; init; } = 64 * 1024;
}
