using StreamSQL.Storage.Journal;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// Decides where queued appends go and writes them. Restartable: when a write throws because the disk is full, what is not written yet
/// stays
/// and the next call goes on with it. Used by one thread at a time; it is its own lock.
/// </summary>
internal sealed class CommitWriter(WriteAheadJournal journal, StorageOptions options, TimeProvider time)
{
    /// <summary><see cref="PartitionLog.DirectBytes"/> of a log outside a write.</summary>
    public const long NotSeen = -1;
    private const long MustUseJournal = -2;
    private const int FrameBytes = 1024 * 1024;
    private const int FlowingBytes = 8 * 1024;
    private const int FlowFromBytes = 1024 * 1024;
    private const int MaxFlowingLogs = 2;
    private const int MaxUnsyncedGroups = 32 * 1024;
    private const long UpkeepBytes = 4L * 1024 * 1024;
    private const long Never = long.MaxValue;
    private readonly List<CommitGroup> _waiting = [];
    private readonly List<CommitGroup> _written = [];
    private readonly List<PartitionLog> _directLogs = [];
    private readonly List<PartitionLog> _drained = [];
    private readonly long _beganAt = time.GetTimestamp();
    private long _syncDueMs = Never;
    private long _unsyncedBytes;
    private long _unkeptBytes;
    private bool _writesDirect; // some log of the current write skips the journal
    private bool _mayHaveUnflushed; // before an atomic group of the current write

    /// <summary>When what has been written is to be synced, on the clock of <see cref="NowMs"/>.</summary>
    public long SyncDueMs => Volatile.Read(ref _syncDueMs);

    /// <summary>Milliseconds of a clock that never jumps.</summary>
    public long NowMs => (long)time.GetElapsedTime(_beganAt).TotalMilliseconds;

    public void Accept(List<CommitGroup> groups) => _waiting.AddRange(groups);

    /// <summary>Writes all that waits.</summary>
    public void Write()
    {
        if (_waiting.Count == 0)
            return;
        ChooseDirectLogs();
        try
        {
            WriteDirect();
            FlushBeforeAtomic();
            WriteJournal();
        }
        finally
        {
            foreach (var log in _drained)
            {
                log.FlowBytes = log.DirectBytes >= FlowingBytes ? Math.Min(log.FlowBytes + log.DirectBytes, FlowFromBytes) : 0;
                log.DirectBytes = NotSeen;
            }

            _drained.Clear();
        }
    }

    /// <summary>
    /// Moves out what has been written since the last call: the groups, and the logs whose segments were written directly.
    /// </summary>
    public bool TakeWritten(List<CommitGroup> groups, List<PartitionLog> logs)
    {
        groups.AddRange(_written);
        foreach (var log in _directLogs)
        {
            if (log.Config is not { FlushPolicy: FlushPolicy.OperatingSystem, FlushMs: Never, FlushMessages: Never })
                logs.Add(log); // else the next checkpoint flushes it
        }

        _written.Clear();
        _directLogs.Clear();
        _unsyncedBytes = 0;
        Volatile.Write(ref _syncDueMs, Never);
        return groups.Count > 0;
    }

    /// <summary>Whether so much has been written without a sync that upkeep is due, which else comes with the sync.</summary>
    public bool TakeUpkeepDue()
    {
        if (Volatile.Read(ref _unkeptBytes) < UpkeepBytes)
            return false;
        Volatile.Write(ref _unkeptBytes, 0);
        return true;
    }

    /// <summary>Tells those who wait for what cannot be written, and want to know, that the disk is full.</summary>
    public void TellDiskFull()
    {
        foreach (var group in _waiting)
            group.NoteDiskFull();
    }

    /// <summary>Tells those who did not want to wait any longer that the disk is slow.</summary>
    public void TellLate(long nowMs)
    {
        foreach (var group in _waiting)
            group.NoteLate(nowMs);
        foreach (var group in _written)
            group.NoteLate(nowMs);
    }

    /// <summary>Moves out everything, written or not.</summary>
    public void TakeAll(List<CommitGroup> groups)
    {
        groups.AddRange(_written);
        groups.AddRange(_waiting);
        _written.Clear();
        _waiting.Clear();
        _directLogs.Clear();
    }

    /// <summary>
    /// Sums the waiting bytes per log. A log goes direct when it brings enough, all of it plain. Plain appends that the journal has, but
    /// not durably yet, then reach the segment too, which does no harm; atomic ones must not, since the
    /// segment would keep a part of their group.
    /// </summary>
    private void ChooseDirectLogs()
    {
        _mayHaveUnflushed = false;
        foreach (var group in _waiting)
        {
            foreach (ref readonly var entry in group.Entries)
            {
                var log = entry.Log;
                _mayHaveUnflushed |= group.IsAtomic && log.DirectEndPosition > log.FlushedPosition;
                if (!entry.IsAppend)
                    continue;
                if (log.DirectBytes == NotSeen)
                {
                    _drained.Add(log);
                    log.DirectBytes = log.AtomicEndPosition <= log.WritablePosition ? 0 : MustUseJournal;
                }

                if (group.IsAtomic)
                {
                    log.AtomicEndPosition = entry.Position + entry.Length;
                    log.DirectBytes = MustUseJournal;
                }
                else if (log.DirectBytes != MustUseJournal)
                    log.DirectBytes += entry.Length;
            }
        }

        _writesDirect = _drained.Exists(BringsMuch);
    }

    /// <summary>
    /// Whether a log's appends skip the journal: when they are many; or, where hardly another log is written to, when the log has brought
    /// much again and again. Then a sync of its segment takes the place of the journal's, and nothing is written twice.
    /// </summary>
    private bool IsDirect(PartitionLog log) => _writesDirect && BringsMuch(log);

    private bool BringsMuch(PartitionLog log) =>
        log.DirectBytes >= options.DirectWriteBytes
        || (log.FlowBytes >= FlowFromBytes && log.DirectBytes >= FlowingBytes && _drained.Count <= MaxFlowingLogs);

    private void WriteDirect()
    {
        if (!_writesDirect)
            return;
        foreach (var group in _waiting)
        {
            foreach (ref readonly var entry in group.Entries)
            {
                if (entry.IsAppend && IsDirect(entry.Log))
                    entry.Log.MarkWritable(entry.Position + entry.Length, entry.Offset);
            }
        }

        foreach (var log in _drained)
        {
            if (!IsDirect(log))
                continue;
            log.DirectEndPosition = log.WriteBehind().Position;
            if (!_directLogs.Contains(log))
                _directLogs.Add(log);
        }
    }

    /// <summary>
    /// Notes that a group has been written: what it awaits of that has come about, and it is known when it has to be synced.
    /// </summary>
    private void NoteWritten(CommitGroup group)
    {
        var dueMs = group.NeedsSync ? 0 : Never;
        foreach (ref readonly var entry in group.Entries)
        {
            entry.ReleaseBuffer();
            if (!entry.IsAppend)
                continue;
            var config = entry.Log.Config;
            if (config.FlushPolicy != FlushPolicy.Commit)
                entry.Log.MarkWrittenOut(entry.Offset);
            if (!IsDirect(entry.Log))
                _unsyncedBytes += entry.Length;
            if (entry.Offset - entry.Log.SyncedOffset >= config.FlushMessages)
                dueMs = 0;
            else if (config.LongestUnsyncedMs != Never)
                dueMs = Math.Min(dueMs, NowMs + config.LongestUnsyncedMs);
        }

        if (!group.NeedsSync)
            Volatile.Write(ref _unkeptBytes, _unkeptBytes + group.Bytes);
        group.NoteWritten();
        _written.Add(group);
        if (_unsyncedBytes >= options.MaxUnsyncedBytes || _written.Count >= MaxUnsyncedGroups)
            dueMs = 0;
        if (dueMs < _syncDueMs)
            Volatile.Write(ref _syncDueMs, dueMs);
    }

    /// <summary>
    /// What a log wrote directly is flushed before an atomic group of it goes to the journal: a power cut could else leave a hole before
    /// the group in this log, where it would be cut off, and not in the others.
    /// </summary>
    private void FlushBeforeAtomic()
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.SkipSyncBeforeAtomic))
            return;
#endif
        if (!_mayHaveUnflushed)
            return;
        foreach (var group in _waiting)
        {
            if (!group.IsAtomic)
                continue;
            foreach (ref readonly var entry in group.Entries)
            {
                if (entry.Log.DirectEndPosition > entry.Log.FlushedPosition && entry.Log.Config.FlushPolicy != FlushPolicy.OperatingSystem)
                    entry.Log.Flush();
            }
        }
    }

    private void WriteJournal()
    {
        var done = 0;
        try
        {
            var framed = 0;
            while (framed < _waiting.Count)
            {
                Encode(_waiting[framed++]);
                if (journal.BufferedBytes < FrameBytes && framed < _waiting.Count)
                    continue;
                journal.CloseFrame();
                journal.WriteOut();
                done = framed;
            }
        }
        finally
        {
            for (var i = 0; i < done; i++)
                NoteWritten(_waiting[i]);

            _waiting.RemoveRange(0, done);
        }
    }

    private void Encode(CommitGroup group)
    {
        foreach (ref readonly var entry in group.Entries)
        {
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.ForgetLogStart) && !entry.IsAppend)
                continue;
#endif
            if (!entry.IsAppend || !IsDirect(entry.Log))
                entry.Encode(journal.Reserve(entry.EncodedBytes));
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.SplitAtomicGroup))
                journal.CloseFrame();
#endif
        }
    }
}
