namespace StreamSQL.PlantedBugs;

/// <summary>
/// Bugs that a build with <c>-p:PlantedBugs=true</c> holds, each asleep until <see cref="Planted"/> is told its name. In any other build
/// not a byte of them is there. A planted bug that no test catches is a missing test.
/// </summary>
internal enum PlantedBug
{
    /// <summary>The journal is not synced before its appends are called durable.</summary>
    SkipJournalSync,

    /// <summary>A segment that was written directly is not synced before its appends are called durable.</summary>
    SkipSegmentSync,

    /// <summary>Appends are answered when they are written, before the sync.</summary>
    AcknowledgeBeforeSync,

    /// <summary>A failed sync is tried again, and the second answer believed.</summary>
    RetryFailedSync,

    /// <summary>The directories of a new segment are not synced.</summary>
    ForgetSegmentDirectorySync,

    /// <summary>The directory is not synced after a snapshot's rename.</summary>
    ForgetSnapshotDirectorySync,

    /// <summary>A snapshot is renamed into place before its bytes are synced.</summary>
    RenameBeforeSync,

    /// <summary>A new journal file's name is not synced.</summary>
    ForgetJournalDirectorySync,

    /// <summary>Journal files are given back before the segments that they cover are synced.</summary>
    ReleaseJournalEarly,

    /// <summary>An index file is believed although its checksum is wrong.</summary>
    SkipIndexChecksum,

    /// <summary>An index that covers more than its segment is kept.</summary>
    KeepStaleIndex,

    /// <summary>Recovery takes record batches without looking at their checksums.</summary>
    SkipBatchChecksum,

    /// <summary>Recovery takes journal frames without looking at their checksums.</summary>
    SkipFrameChecksum,

    /// <summary>A bad end of a segment is left behind the last good record instead of being cut off.</summary>
    KeepTornTail,

    /// <summary>An atomic group is written as one journal frame for each of its appends.</summary>
    SplitAtomicGroup,

    /// <summary>What was written directly is not synced before an atomic group goes to the journal.</summary>
    SkipSyncBeforeAtomic,

    /// <summary>A new log start is not written to the journal.</summary>
    ForgetLogStart,

    /// <summary>Compaction deletes the old segments before the manifest that replaces them is durable.</summary>
    DeleteBeforeManifest,

    /// <summary>A full disk drops what could not be written.</summary>
    DropWhenDiskFull,
}

/// <summary>Which planted bug is awake: the one that <c>STREAMSQL_PLANTED_BUG</c> names.</summary>
internal static class Planted
{
    /// <summary>The variable's name.</summary>
    public const string Variable = "STREAMSQL_PLANTED_BUG";

    private static readonly string? Name = Environment.GetEnvironmentVariable(Variable);

    /// <summary>Whether a bug is awake.</summary>
    public static bool IsAwake(PlantedBug bug) => bug.ToString() == Name;
}
