using System.Diagnostics.CodeAnalysis;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// All partition logs of a data directory, with the journal and the commit queue that they share. Opening recovers: the journal is replayed
/// into the segments, tails are verified. A checkpoint flushes the segments that have fallen behind, so that journal files can be used
/// again.
/// </summary>
public sealed class LogStore : IDisposable
{
    private const int FlushTreeFrom = 32;
    private const int FirstUpkeepMs = 500; // a start has better uses for disk and processor than a spare journal file
    private readonly DataDirectory _directory;
    private readonly LogContext _context;
    private readonly CheckpointFile _checkpoint;
    private readonly LeaderEpochFile _epochs;
    private readonly WriteAheadJournal _journal;
    private readonly Lock _logsGate = new();
    private readonly Dictionary<LogId, PartitionLog> _logs = [];
    private readonly Lock _dirtyGate = new();
    private readonly Lock _checkpointGate = new();
    private readonly object _wakeGate = new(); // a monitor: the checkpoint thread waits on it
    private List<PartitionLog> _dirty = [];
    private Thread? _checkpointer;
    private bool _workDue;
    private bool _stopping;

    private LogStore(
        DataDirectory directory, StorageOptions options, CheckpointFile checkpoint, LogRecovery recovery, WriteAheadJournal journal,
        TimeProvider time)
    {
        _directory = directory;
        Reserve = new SpaceReserve(directory.FileSystem, directory.MetaPath + "/reserve");
        Options = options;
        _checkpoint = checkpoint;
        _epochs = new LeaderEpochFile(directory.FileSystem, directory.MetaPath);
        _epochs.Read(checkpoint.IsLost ? null : checkpoint.LeaderEpoch);
        checkpoint.LeaderEpoch = Math.Max(checkpoint.LeaderEpoch, _epochs.Epoch);
        _context = recovery.Context;
        _journal = journal;
        Commits = new CommitQueue(journal, options, time) { Committed = NoteCommitted, Finished = AfterCommit };
    }

    /// <summary>The store's bounds.</summary>
    public StorageOptions Options { get; }

    /// <summary>Where appends become durable.</summary>
    public CommitQueue Commits { get; }

    /// <summary>
    /// The leader epoch of all logs. It rises when the store is opened after it was not closed in order: records that had been read, but
    /// not synced, may then be gone, and other ones come in their place.
    /// </summary>
    public int LeaderEpoch => _checkpoint.LeaderEpoch;

    /// <summary>Room that is kept for changes that free more. Used by the owner, who says when it is filled again.</summary>
    public SpaceReserve Reserve { get; }

    /// <summary>What was found damaged when the store was opened and could be made whole again, as messages.</summary>
    public IReadOnlyList<string> Repairs => _context.Repairs;

    internal LogContext Context => _context;

    /// <summary>Called once when storage fails and takes no more writes.</summary>
    public Action<Exception>? Failed
    {
        get => Commits.Failed;
        set => Commits.Failed = value;
    }

    /// <summary>Called when a log was found to be damaged after it was opened: the log, and what was quarantined.</summary>
    public Action<LogId, DamagedRange>? DamageFound
    {
        get => _context.DamageFound;
        set => _context.DamageFound = value;
    }

    /// <summary>Opens and recovers the logs of a data directory.</summary>
    /// <param name="directory">The directory; it stays the caller's.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">The clock that tells when a sync is due.</param>
    /// <param name="logs">All logs that exist. Whatever else the directory holds belongs to deleted topics and is removed.</param>
    /// <exception cref="CorruptDataException">Durable data does not verify.</exception>
    public static LogStore Open(
        DataDirectory directory, StorageOptions options, IReadOnlyCollection<KeyValuePair<LogId, LogConfig>> logs, TimeProvider time)
    {
        var fileSystem = directory.FileSystem;
        var checkpoint = new CheckpointFile(fileSystem, directory.MetaPath);
        checkpoint.Read(isExpected: directory.HoldsLogs);
        var files = new FileCache(fileSystem, options.OpenFiles);
        var context = new LogContext(fileSystem, files, new TailBudget(options.HotTailBytes), options);
        context.Repairs.AddRange(checkpoint.Repairs);
        var recovery = new LogRecovery(directory, context, checkpoint, logs.Select(l => l.Key));
        long? fromLsn = checkpoint.IsLost ? null : checkpoint.JournalLsn;
        var journal = WriteAheadJournal.Open(fileSystem, directory.JournalPath, options.Journal, fromLsn, recovery.Replay,
            recovery.NoteDamage);
        var store = new LogStore(directory, options, checkpoint, recovery, journal, time);
        try
        {
            recovery.Finish();
            var clean = checkpoint.IsClean && !recovery.HasReplayed;
            foreach (var (id, config) in logs)
                store.Load(id, config, recovery.BoundsOf(id), clean);
            if (checkpoint.IsLost)
                store.FinishRebuild();
            if (checkpoint.IsThere && !clean)
                store.BeginEpoch();
            checkpoint.Write(journal.DurableLsn, clean: false, [.. store._logs.Values]);
            journal.Release(journal.DurableLsn);
            return store;
        }
        catch
        {
            journal.Dispose();
            context.Files.Dispose();
            throw;
        }
    }

    /// <summary>Starts the flusher and the checkpoint thread. Without them (simulation) the owner drives commits and checkpoints.</summary>
    public void Start()
    {
        Commits.Start();
        _checkpointer = new Thread(RunCheckpoints) { Name = "log checkpoint", IsBackground = true };
        _checkpointer.Start();
    }

    /// <summary>Finds an open log.</summary>
    public bool TryGet(LogId id, [NotNullWhen(true)] out PartitionLog? log)
    {
        lock (_logsGate)
            return _logs.TryGetValue(id, out log);
    }

    /// <summary>Adds an empty log. Nothing is written until it holds records.</summary>
    public PartitionLog Create(LogId id, LogConfig config)
    {
        var path = $"{_directory.LogsPath}/{id.Directory}";
        return Add(new PartitionLog(id, path, config, _context, LoadedLog.New(LeaderEpoch)));
    }

    /// <summary>Closes the logs of a topic and deletes their files. Readers that hold buffers may finish.</summary>
    public void DeleteTopic(Guid topicId)
    {
        List<PartitionLog> closing;
        lock (_logsGate)
        {
            closing = [.. _logs.Values.Where(log => log.Id.TopicId == topicId)];
            foreach (var log in closing)
                _logs.Remove(log.Id);
        }

        foreach (var log in closing)
            log.Close();
        foreach (var log in closing)
            log.AwaitCleaning();
        _directory.FileSystem.DeleteDirectory($"{_directory.LogsPath}/{topicId:N}");
        _directory.FileSystem.FlushDirectory(_directory.LogsPath);
    }

    /// <summary>
    /// Moves a log's start up, durably, and deletes the segments below it, also on a full disk. Nothing
    /// happens when it starts there already.
    /// </summary>
    public async ValueTask AdvanceStartAsync(PartitionLog log, long offset)
    {
        var group = Commits.Rent();
        ValueTask durable;
        lock (log.Gate)
        {
            if (!log.TryAdvanceStart(offset, group))
            {
                group.Discard();
                return;
            }

            durable = group.Completion;
            group.GivesUpOnFullDisk = true;
            Commits.Enqueue(group);
        }

        try
        {
            await durable;
        }
        catch (DiskFullException)
        {
            SaveStarts(); // what makes room does not wait for room
        }

        log.DeleteOldSegments();
    }

    /// <summary>Applies a log's retention settings.</summary>
    /// <param name="log">The log.</param>
    /// <param name="nowMs">The present time, in milliseconds since 1970.</param>
    /// <param name="limitOffset">Records from here on stay whatever the settings say.</param>
    public async ValueTask ApplyRetentionAsync(PartitionLog log, long nowMs, long limitOffset)
    {
        var start = log.RetentionStart(nowMs, limitOffset);
        if (start == log.StartOffset)
            return;
        if (start == log.EndOffset)
            log.RollSegment();
        await AdvanceStartAsync(log, start);
    }

    /// <summary>Flushes the segments that are behind the journal, notes where recovery may start, and frees journal files.</summary>
    public void Checkpoint()
    {
        lock (_checkpointGate)
        {
            List<PartitionLog> flushing;
            long safeLsn;
            lock (_dirtyGate)
            {
                safeLsn = _journal.DurableLsn;
                (flushing, _dirty) = (_dirty, []);
                foreach (var log in flushing)
                    log.InDirtyList = false;
            }

#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.ReleaseJournalEarly))
                _journal.Release(safeLsn);
#endif
            try
            {
                FlushAll(flushing);
            }
            catch
            {
                MarkDirty(flushing); // the next checkpoint must not take them for flushed
                throw;
            }

            _checkpoint.Write(safeLsn, clean: false, LogsNow());
            _journal.Release(safeLsn);
        }
    }

    /// <summary>
    /// Notes where logs start in a checkpoint that is otherwise the last one again: nothing has to be flushed for that. On a full disk, in
    /// the room that is kept.
    /// </summary>
    private void SaveStarts()
    {
        lock (_checkpointGate)
        {
            try
            {
                _checkpoint.Write(_checkpoint.JournalLsn, clean: false, LogsNow());
            }
            catch (IOException e) when (StorageErrors.IsDiskFull(e))
            {
                Reserve.Release();
                _checkpoint.Write(_checkpoint.JournalLsn, clean: false, LogsNow());
            }
        }
    }

    /// <summary>Commits what waits, flushes everything and notes that the directory was closed in order.</summary>
    public void Dispose()
    {
        lock (_wakeGate)
        {
            _stopping = true;
            Monitor.Pulse(_wakeGate);
        }

        _checkpointer?.Join();
        Commits.Dispose();
        if (Commits.Failure is null && !Commits.IsDiskFull)
            RunGuarded(CloseInOrder); // else the next start recovers from the journal
        foreach (var log in LogsNow())
            log.Close();
        _journal.Dispose();
        _context.Files.Dispose();
    }

    /// <summary>Flushes logs one by one, or many with one sync of the file system.</summary>
    private void FlushAll(IReadOnlyList<PartitionLog> logs)
    {
        if (logs.Count < FlushTreeFrom)
        {
            foreach (var log in logs)
                log.Flush();
            return;
        }

        var written = new LogPosition[logs.Count];
        for (var i = 0; i < written.Length; i++)
            written[i] = logs[i].WriteBehind();
        _context.FileSystem.FlushTree(_directory.LogsPath);
        for (var i = 0; i < written.Length; i++)
            logs[i].NoteFlushed(written[i]);
    }

    private void CloseInOrder()
    {
        FlushAll(LogsNow());
        foreach (var log in LogsNow())
            log.SaveAllIndexes();

        _checkpoint.Write(_journal.DurableLsn, clean: true, LogsNow());
    }

    private void Load(LogId id, LogConfig config, LogBounds bounds, bool clean)
    {
        var path = $"{_directory.LogsPath}/{id.Directory}";
        var epochs = _epochs.Find(id, bounds.StartOffset);
        var loaded = LogLoader.Load(_context, path, config, bounds, epochs, clean);
        Add(new PartitionLog(id, path, config, _context, loaded with { Epochs = loaded.Epochs.Reaching(LeaderEpoch, loaded.EndOffset) }));
    }

    /// <summary>Makes durable what a new checkpoint will say is durable, and takes the newest leader epoch that was found.</summary>
    private void FinishRebuild()
    {
        _directory.FileSystem.FlushTree(_directory.LogsPath);
        foreach (var log in LogsNow())
            _checkpoint.LeaderEpoch = Math.Max(_checkpoint.LeaderEpoch, log.Epochs.Current);
        _context.Repairs.Add(
            "The checkpoint was missing or did not verify; it was rebuilt from the segments and the journal. "
            + "Records that had been deleted by offset, and not yet with their segment, may be there again.");
    }

    private PartitionLog Add(PartitionLog log)
    {
        lock (_logsGate)
            _logs.Add(log.Id, log);
        return log;
    }

    /// <summary>Begins the next leader epoch. It is in force, and may be served, with the checkpoint that is written next.</summary>
    private void BeginEpoch()
    {
        _checkpoint.LeaderEpoch++;
        foreach (var log in LogsNow())
            log.BeginEpoch(LeaderEpoch);
        _epochs.Write(LeaderEpoch, LogsNow());
    }

    internal PartitionLog[] LogsNow()
    {
        lock (_logsGate)
            return [.. _logs.Values];
    }

    private void NoteCommitted(IReadOnlyList<CommitGroup> groups)
    {
        lock (_dirtyGate)
        {
            for (var i = 0; i < groups.Count; i++)
            {
                foreach (ref readonly var entry in groups[i].Entries)
                {
                    if (!entry.IsAppend || entry.Log.InDirtyList)
                        continue;
                    entry.Log.InDirtyList = true;
                    _dirty.Add(entry.Log);
                }
            }
        }
    }

    private void MarkDirty(List<PartitionLog> logs)
    {
        lock (_dirtyGate)
        {
            foreach (var log in logs.Where(log => !log.InDirtyList))
            {
                log.InDirtyList = true;
                _dirty.Add(log);
            }
        }
    }

    private void AfterCommit()
    {
        _context.Tails.Trim();
        var live = _journal.LiveBytes;
        if (live > Options.Journal.MaxLiveBytes)
            RunCheckpoint();
        else if (live > Options.Journal.CheckpointBytes || _journal.NeedsSpare)
            WakeCheckpointer();
    }

    private void WakeCheckpointer()
    {
        lock (_wakeGate)
        {
            if (_workDue)
                return;
            _workDue = true;
            Monitor.Pulse(_wakeGate);
        }
    }

    private void RunCheckpoints()
    {
        for (var goesOn = WaitForWork(FirstUpkeepMs); goesOn; goesOn = WaitForWork(Timeout.Infinite))
        {
            RunGuarded(_journal.PrepareSpare);
            if (_journal.LiveBytes > Options.Journal.CheckpointBytes)
                RunCheckpoint();
        }
    }

    /// <summary>Waits until there is work, or so long; false when the store is being closed.</summary>
    private bool WaitForWork(int timeoutMs)
    {
        lock (_wakeGate)
        {
            while (!_workDue && !_stopping)
            {
                if (!Monitor.Wait(_wakeGate, timeoutMs))
                    break;
            }

            _workDue = false;
            return !_stopping;
        }
    }

    private void RunCheckpoint() => RunGuarded(Checkpoint);

    private void RunGuarded(Action work)
    {
        try
        {
            work();
        }
        catch (IOException e) when (StorageErrors.IsDiskFull(e))
        {
            Commits.NoteDiskFull(); // the next commit asks again
        }
        catch (Exception e)
        {
            Commits.Fail(e);
        }
    }
}
