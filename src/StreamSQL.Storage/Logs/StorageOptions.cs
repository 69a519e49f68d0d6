using StreamSQL.Storage.Journal;

namespace StreamSQL.Storage.Logs;

/// <summary>Bounds of a data directory's storage.</summary>
public sealed record StorageOptions
{
    /// <summary>Sizes of the journal.</summary>
    public JournalOptions Journal { get; init; } = new();

    /// <summary>Bytes of the newest records of all logs that are kept in memory, beyond those that no segment holds yet.</summary>
    public long HotTailBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Bytes that one log must have waiting in a commit to go straight to its segment instead of the journal.</summary>
    public int DirectWriteBytes { get; init; } = 256 * 1024;

    /// <summary>Segment and index files kept open.</summary>
    public int OpenFiles { get; init; } = 512;

    /// <summary>Bytes appended but not yet written out, beyond which an append first writes them out itself.</summary>
    public long MaxQueuedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Journal bytes that may wait for a sync although nobody waits for it (see <see cref="FlushPolicy"/>).</summary>
    public long MaxUnsyncedBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>The largest group of appends that is atomic.</summary>
    public int MaxAtomicGroupBytes { get; init; } = 16 * 1024 * 1024;
}
