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

    /// <summary>A partition takes batches of a producer's epoch that was fenced.</summary>
    IgnoreProducerEpoch,

    /// <summary>A batch that comes again is not known to be a duplicate.</summary>
    ForgetLastBatches,

    /// <summary>Any sequence number follows on any other.</summary>
    AcceptSequenceGaps,

    /// <summary>
    /// A transactional append that was verified before the last marker is taken, and leaves a transaction hanging (KIP-890).
    /// </summary>
    TakeLateAppends,

    /// <summary>After a restart the saved state of the producers is believed, and what the log holds behind it is not read.</summary>
    TrustStaleProducers,

    /// <summary>Of the partitions of a transaction only the first gets a marker.</summary>
    DropMarker,

    /// <summary>Readers are not told which transactions were aborted.</summary>
    ForgetAborted,

    /// <summary>Readers of committed records are given what lies above the last stable offset.</summary>
    ExposeAboveLastStable,

    /// <summary>The last stable offset passes a transaction whose marker is not durable yet.</summary>
    StableBeforeMarkerIsDurable,

    /// <summary>A produce request with acks=all is answered before its batch is committed.</summary>
    AnswerBeforeCommit,

    /// <summary>A duplicate is answered although its original is not committed yet.</summary>
    AnswerDuplicateAtOnce,

    /// <summary>A transaction's end does not raise the producer's epoch (KIP-890).</summary>
    KeepEpochAtEnd,

    /// <summary>Taking a transactional id does not abort what its holder before left open.</summary>
    LeaveOpenAtInitialize,

    /// <summary>An overdue transaction is never aborted.</summary>
    ForgetTransactionTimeout,

    /// <summary>After a restart, transactions that no transactional id claims stay open.</summary>
    KeepOrphans,

    /// <summary>A group's offset is seen before the transaction that moves it is committed.</summary>
    ShowPendingOffsets,

    /// <summary>A member commits offsets in a generation that is over.</summary>
    IgnoreGeneration,

    /// <summary>Source offsets are committed in a transaction of their own, before the outputs that come of them.</summary>
    CommitOffsetsEarly,

    /// <summary>Source offsets are committed in a transaction of their own, after the outputs that come of them.</summary>
    CommitOffsetsLate,

    /// <summary>Changelogs are committed in a transaction of their own, before outputs and source offsets.</summary>
    CommitStateEarly,

    /// <summary>Outputs are committed in a transaction of their own, before changelogs and source offsets.</summary>
    CommitOutputsEarly,

    /// <summary>Every other commit leaves the source offsets where they are.</summary>
    ForgetOffsets,

    /// <summary>A commit group whose transactional id was taken by a newer owner takes it back and commits again.</summary>
    GoOnWhenFenced,

    /// <summary>A query that starts again reads its sources from the start.</summary>
    ReplayTwice,

    /// <summary>Tasks read what transactions have written that are not committed.</summary>
    ReadUncommitted,

    /// <summary>Repartition topics are purged up to their end instead of up to what was read.</summary>
    PurgeUnread,

    /// <summary>The first record after a commit does not get into its repartition topic.</summary>
    LoseFirstAfterCommit,

    /// <summary>A row that moves to another key behind a repartition is not taken out at the old one.</summary>
    ForgetOldPlace,

    /// <summary>Behind a repartition the fastest source partition says what is late, not the slowest.</summary>
    DropWatermark,

    /// <summary>Behind a repartition every producer counts as one that has no more to read.</summary>
    TrustSilence,

    /// <summary>A row is joined with a table as far as that was read, not as it was when the row was read.</summary>
    JoinStaleTable,

    /// <summary>Rows of two inputs are taken as they come, not by their times.</summary>
    MergeWithoutWaiting,

    /// <summary>The last changelog entry of a commit is left out.</summary>
    SkipChangelogRecord,

    /// <summary>The changelog behind a snapshot is not read.</summary>
    SkipChangelogTail,

    /// <summary>The changelog is read from where it stood when the snapshot was finished, not from where it was begun.</summary>
    SnapshotAtItsEnd,

    /// <summary>A snapshot is begun while a commit is under way: the broker has it, the state does not.</summary>
    SnapshotDuringCommit,

    /// <summary>Groups that a commit touches later than others get no pre-image of their own.</summary>
    LosePreImage,

    /// <summary>An aggregate's stream time is not in its changelog.</summary>
    ForgetStreamTime,

    /// <summary>Which windows EMIT FINAL has given out, and which time a join has reached, is not in the changelog.</summary>
    ForgetGivenOut,

    /// <summary>That a row of a table is gone is not in the changelog.</summary>
    ForgetDeletion,

    /// <summary>That a row of an outer join waits for its match no more is not in the changelog.</summary>
    ForgetReleasedRows,

    /// <summary>That a session went into another one is not in the changelog.</summary>
    ForgetMergedSessions,

    /// <summary>Rows count however late they are.</summary>
    CountLateRows,

    /// <summary>Rows are late as soon as their window is over, without a grace period.</summary>
    ForgetGrace,

    /// <summary>A changed row that stays in its group is not taken back before it is added again.</summary>
    SkipRetraction,

    /// <summary>Of a changed row the new values are taken back, not the old ones.</summary>
    RetractNewRow,

    /// <summary>Of several sessions that become one, all but one stay.</summary>
    KeepMergedSession,

    /// <summary>A foreign-key join takes an answer although its left row has changed since it asked.</summary>
    TakeOvertakenAnswer,

    /// <summary>A left row that refers to another key stays in the old one's list and does not come into the new one's.</summary>
    KeepOldSubscription,

    /// <summary>A result that is gone has no tombstone.</summary>
    DropTombstone,

    /// <summary>The windows of one key go to different partitions of the result.</summary>
    SpreadWindows,
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
