using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// Group commit: all appends of a data directory pass here, in order. Whoever writes takes all that is waiting, writes it to the journal
/// (or,
/// where one log brings much, straight to its segment), and the flusher makes all that is written durable with one fdatasync. The flusher
/// is a
/// thread of its own, since a sync blocks.
/// </summary>
public sealed partial class CommitQueue : IDisposable
{
    private const int PooledGroups = 1024;
    private const int MaxWritePasses = 8;
    private const int DiskFullRetryMs = 200;
    private const int MaxThrottleMs = 500;
    private const int DiskFullPatienceMs = 500; // a checkpoint may make room meanwhile
    private readonly object _queueGate = new(); // a monitor: the flusher waits on it
    private readonly Stack<CommitGroup> _pool = new();
    private readonly CommitWriter _writer;
    private readonly StorageOptions _options;
    private readonly List<CommitGroup> _completing = []; // locked: whoever tells that the disk is slow looks at what is being synced
    private readonly List<PartitionLog> _syncLogs = [];
    private readonly List<IStorageFile> _syncFiles = [];
    private List<CommitGroup> _queued = [];
    private List<CommitGroup> _taken = [];
    private Thread? _flusher;
    private Exception? _failure;
    private long _awakeAtMs = long.MaxValue; // when the flusher looks again of itself
    private long _queuedBytes;
    private bool _hasQueued;
    private bool _flushRequested;
    private volatile bool _isDiskFull;
    private long _fullSinceMs = long.MaxValue; // the writer's
    private bool _stopping;

    internal CommitQueue(WriteAheadJournal journal, StorageOptions options, TimeProvider time)
    {
        Journal = journal;
        _options = options;
        _writer = new CommitWriter(journal, options, time);
    }

    /// <summary>Why storage gave up, or null. All later appends fail.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Whether the disk is full: nothing is lost, what is queued waits; new appends should be refused.</summary>
    public bool IsDiskFull => _isDiskFull;

    /// <summary>
    /// How long those who append should wait before they append again, so that the disk keeps up: nothing until half of what may be queued
    /// is, then more and more; on a full disk, until it is tried again.
    /// </summary>
    public int ThrottleMs
    {
        get
        {
            if (IsDiskFull)
                return DiskFullRetryMs;
            var half = Math.Max(1, _options.MaxQueuedBytes / 2);
            return (int)Math.Clamp((Volatile.Read(ref _queuedBytes) - half) * MaxThrottleMs / half, 0, MaxThrottleMs);
        }
    }

    /// <summary>Commits (fdatasyncs of the journal or of segments written directly) so far.</summary>
    public long Commits { get; private set; }

    internal WriteAheadJournal Journal { get; }

    /// <summary>
    /// Called on the flusher when the appends of a commit have been marked durable: before the journal says so, and before groups complete.
    /// </summary>
    internal Action<IReadOnlyList<CommitGroup>>? Committed { get; set; }

    /// <summary>Called on the flusher after each commit, when its groups have completed.</summary>
    internal Action? Finished { get; set; }

    /// <summary>Called once, when storage fails.</summary>
    internal Action<Exception>? Failed { get; set; }

    /// <summary>A group to add appends to.</summary>
    public CommitGroup Rent()
    {
        lock (_queueGate)
        {
            if (_pool.TryPop(out var group))
                return group;
        }

        return new CommitGroup(this);
    }

    /// <summary>
    /// Hands a group over. Called while the gates of all its logs are held, so that the queue's order is each log's order. Afterwards
    /// <see cref="CommitGroup.Completion"/> is awaited, unless <paramref name="awaited"/> says that nothing is. If it is not for the disk,
    /// <see cref="StartWriting"/> is called once the gates have been left.
    /// </summary>
    /// <exception cref="StorageFailedException">Storage failed; nothing was queued.</exception>
    public void Enqueue(CommitGroup group, Awaited awaited = Awaited.Durable)
    {
        lock (_queueGate)
        {
            if (_failure is { } failure)
                throw Refusal(failure);
            group.HandOver(awaited);
            _queued.Add(group);
            Volatile.Write(ref _hasQueued, true);
            _queuedBytes += group.Bytes;
            if (awaited == Awaited.Durable)
                Wake();
        }
    }

    /// <summary>Writes out all that is queued, on this thread, without waiting for the disk: then it survives the process.</summary>
    /// <exception cref="StorageFailedException">Storage failed.</exception>
    public void WriteOut()
    {
        try
        {
            lock (_writer)
                WriteQueued();
        }
        catch (Exception e)
        {
            Fail(e);
            throw Refusal(e);
        }

        WakeFlusher(); // for those who left because this thread was writing
    }

    /// <summary>
    /// Sees to it that what is queued is written out soon: on this thread, or, when another one is writing, by that one, which then writes
    /// more at once. The flusher goes on where a sync is due, or will be.
    /// </summary>
    /// <exception cref="StorageFailedException">Storage failed.</exception>
    public void StartWriting()
    {
        try
        {
            WritePasses();
        }
        catch (Exception e)
        {
            Fail(e);
            throw Refusal(e);
        }

        Interlocked.MemoryBarrier(); // the flusher notes when it looks again, then looks whether a sync is due: one of us sees the other
        if (Volatile.Read(ref _hasQueued) || _writer.SyncDueMs < Volatile.Read(ref _awakeAtMs))
            WakeFlusher();
        else if (_writer.TakeUpkeepDue())
            Finished?.Invoke();
    }

    /// <summary>
    /// To be called before an append, under no lock: when too much is queued, writes it out on this thread, so that appends are no faster
    /// than
    /// the disk takes them.
    /// </summary>
    /// <exception cref="StorageFailedException">Storage failed.</exception>
    public void MakeRoom()
    {
        if (Volatile.Read(ref _queuedBytes) > _options.MaxQueuedBytes)
            WriteOut();
    }

    /// <summary>Completes when all that was enqueued before is durable.</summary>
    public ValueTask FlushAsync()
    {
        var barrier = Rent();
        var durable = barrier.Completion;
        Enqueue(barrier);
        return durable;
    }

    /// <summary>Takes all that waits, writes it and, if that is due, makes it durable; when that fails, storage has failed.</summary>
    internal void CommitOnce() => CommitOnce(isSyncDue: false);

    private void CommitOnce(bool isSyncDue)
    {
        try
        {
            Commit(isSyncDue);
        }
        catch (Exception e)
        {
            Fail(e);
            EndCompleting(Refusal(e));
        }

        Finished?.Invoke();
    }

    /// <summary>Starts the flusher thread. Without it (simulation) the owner calls <see cref="CommitOnce()"/>.</summary>
    internal void Start()
    {
        _flusher = new Thread(RunFlusher) { Name = "journal flusher", IsBackground = true };
        _flusher.Start();
    }

    /// <summary>Notes that the disk is full, found elsewhere than on the flusher, which then goes on trying.</summary>
    internal void NoteDiskFull()
    {
        _isDiskFull = true;
        WakeFlusher();
    }

    internal void Return(CommitGroup group)
    {
        lock (_queueGate)
        {
            if (_pool.Count < PooledGroups)
                _pool.Push(group);
        }
    }

    /// <summary>Gives up: nothing more is accepted, everything that waits fails.</summary>
    internal void Fail(Exception failure)
    {
        List<CommitGroup> waiting;
        lock (_queueGate)
        {
            if (_failure is not null)
                return;
            Volatile.Write(ref _failure, failure);
            waiting = _queued;
            _queued = [];
            _queuedBytes = 0;
            Volatile.Write(ref _hasQueued, false);
        }

        Failed?.Invoke(failure);
        lock (_writer)
            _writer.TakeAll(waiting);
        foreach (var group in waiting)
            group.End(Refusal(failure));
    }

    /// <summary>Commits what waits and ends the flusher.</summary>
    public void Dispose()
    {
        lock (_queueGate)
        {
            _stopping = true;
            Wake();
        }

        _flusher?.Join();
        if (Failure is null)
            CommitOnce(isSyncDue: true);
    }

    private static StorageFailedException Refusal(Exception failure) =>
        new($"Storage has failed and takes no more writes: {failure.Message}", failure);

    private void WakeFlusher()
    {
        lock (_queueGate)
            Wake();
    }

    private void Wake()
    {
        if (_flushRequested)
            return;
        _flushRequested = true;
        Monitor.Pulse(_queueGate);
    }

    /// <summary>
    /// Writes until nothing is queued. Who finds the writer busy leaves; whoever was writing therefore looks again, but not for ever: the
    /// flusher takes what is left.
    /// </summary>
    private void WritePasses()
    {
        for (var pass = 0; pass < MaxWritePasses && Volatile.Read(ref _hasQueued) && Monitor.TryEnter(_writer); pass++)
        {
            try
            {
                WriteQueued();
            }
            finally
            {
                Monitor.Exit(_writer);
            }
        }
    }

    private void WriteQueued()
    {
        if (!TryTakeAndWrite())
            NoteDiskFull();
    }

    private void TakeAndWrite()
    {
        lock (_queueGate)
        {
            (_queued, _taken) = (_taken, _queued);
            _queuedBytes = 0;
            Volatile.Write(ref _hasQueued, false);
        }

        _writer.Accept(_taken);
        _taken.Clear();
        _writer.Write();
    }

    private void Commit(bool isSyncDue)
    {
        long durableLsn;
        lock (_writer)
        {
            _isDiskFull = !TryTakeAndWrite();
            TellIfFull();
            isSyncDue |= _writer.SyncDueMs <= _writer.NowMs;
            if (!isSyncDue)
                return;
            lock (_completing)
            {
                if (!_writer.TakeWritten(_completing, _syncLogs))
                    return;
            }

            durableLsn = Journal.TakeUnsynced(_syncFiles);
        }

        WritePasses(); // what came meanwhile does not wait for the disk
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.SkipJournalSync))
            _syncFiles.Clear();
        if (Planted.IsAwake(PlantedBug.SkipSegmentSync))
            _syncLogs.Clear();
#endif
        foreach (var log in _syncLogs)
            log.Flush();
        foreach (var file in _syncFiles)
            file.FlushData();
        Complete(durableLsn);
    }

    private void TellIfFull()
    {
        if (!_isDiskFull)
            _fullSinceMs = long.MaxValue;
        else if (_fullSinceMs == long.MaxValue)
            _fullSinceMs = _writer.NowMs;
        else if (_writer.NowMs - _fullSinceMs >= DiskFullPatienceMs)
            _writer.TellDiskFull();
    }

    /// <summary>All that was taken from the writer is durable.</summary>
    private void Complete(long durableLsn)
    {
        Commits++;
        foreach (var group in _completing)
            MarkDurable(group);
        Committed?.Invoke(_completing);
        Journal.MarkDurable(durableLsn);
        EndCompleting(failure: null);
        _syncLogs.Clear();
        _syncFiles.Clear();
    }

    private void EndCompleting(Exception? failure)
    {
        lock (_completing)
        {
            foreach (var group in _completing)
                group.End(failure);
            _completing.Clear();
        }
    }

    private static void MarkDurable(CommitGroup group)
    {
        var entries = group.Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            ref readonly var entry = ref entries[i];
            if (!entry.IsAppend || (i + 1 < entries.Length && entries[i + 1].IsAppendTo(entry.Log)))
                continue; // the log's last append, of those side by side, says it for all
            entry.Log.MarkDurable(entry.Position + entry.Length, entry.Offset);
        }
    }

    private bool TryTakeAndWrite()
    {
        try
        {
            TakeAndWrite();
            return true;
        }
        catch (IOException e) when (StorageErrors.IsDiskFull(e))
        {
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.DropWhenDiskFull))
                _writer.TakeAll(_completing);
#endif
            return false; // what could not be written waits in the writer; nothing is lost
        }
    }

    private void RunFlusher()
    {
        while (Failure is null && WaitForWork())
            CommitOnce();
    }

    private bool WaitForWork()
    {
        lock (_queueGate)
        {
            while (!_flushRequested)
            {
                if (_stopping)
                    return false;
                if (!Monitor.Wait(_queueGate, IsDiskFull ? DiskFullRetryMs : UntilSyncMs()))
                    break;
            }

            _flushRequested = false;
            Volatile.Write(ref _awakeAtMs, 0);
            return true;
        }
    }

    /// <summary>
    /// How long until what was written has to be synced; for ever when nothing has to be. Notes when the flusher looks again.
    /// </summary>
    private int UntilSyncMs()
    {
        long dueMs;
        do
        {
            dueMs = _writer.SyncDueMs;
            Volatile.Write(ref _awakeAtMs, dueMs);
            Interlocked.MemoryBarrier();
        }
        while (dueMs != _writer.SyncDueMs);
        return dueMs == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp(dueMs - _writer.NowMs, 0, int.MaxValue);
    }
}
