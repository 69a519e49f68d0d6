using System.Threading.Tasks.Sources;

namespace StreamSQL.Storage.Logs;

/// <summary>What is awaited of a group that has been handed over.</summary>
public enum Awaited
{
    /// <summary>That it is durable: synced, or as much as the <see cref="FlushPolicy"/> of its logs asks for.</summary>
    Durable,

    /// <summary>That it has been written out: then it survives the process.</summary>
    Written,

    /// <summary>Nothing.</summary>
    Nothing,
}

/// <summary>
/// Appends that become durable together. A group with appends to more than one log is atomic: after a crash all of it is there or nothing.
/// Groups are pooled: <see cref="Completion"/> may be awaited once, after which the group is no longer the caller's.
/// </summary>
public sealed class CommitGroup : IValueTaskSource
{
    private const int MaxKeptEntries = 4096;
    private readonly CommitQueue _queue;
    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private LogEntry[] _entries = new LogEntry[1];
    private Awaited _awaited;
    private int _isCompleted;
    private int _holders; // the queue, and who awaits it

    internal CommitGroup(CommitQueue queue) => _queue = queue;

    /// <summary>
    /// Completes when what is awaited has come about; throws <see cref="Files.StorageFailedException"/> when storage failed before.
    /// </summary>
    public ValueTask Completion => new(this, _completion.Version);

    /// <summary>
    /// Whether who waits is told when the disk has been full for a while (<see cref="Files.DiskFullException"/>), although the appends stay
    /// queued and are written when there is room. For callers that can live with not knowing whether they were.
    /// </summary>
    public bool GivesUpOnFullDisk { get; set; }

    /// <summary>
    /// When who waits is told that it is late (<see cref="Files.LateCommitException"/>), if the disk has not answered by then; a time of
    /// <see cref="CommitQueue.LateAfter"/>. For callers that can live with not knowing whether the appends become durable.
    /// </summary>
    public long LateAtMs { get; set; } = long.MaxValue;

    /// <summary>Bytes of the batches in the group.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether somebody waits until it is synced, or a log of it wants that (<see cref="FlushPolicy.Commit"/>).</summary>
    internal bool NeedsSync { get; private set; }

    /// <summary>How many entries it holds.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<LogEntry> Entries => _entries.AsSpan(0, Count);

    /// <summary>Whether it must be found whole or not at all.</summary>
    internal bool IsAtomic => Count > 1;

    /// <summary>Gives the group back instead of enqueuing it. It must be empty.</summary>
    public void Discard()
    {
        if (Count > 0)
            throw new InvalidOperationException("A group with appends cannot be discarded.");
        Recycle();
    }

    internal void Add(in LogEntry entry)
    {
        if (Count == _entries.Length)
            Array.Resize(ref _entries, Count * 2);
        _entries[Count++] = entry;
        Bytes += entry.Length;
        NeedsSync |= !entry.IsAppend || entry.Log.Config.FlushPolicy == FlushPolicy.Commit;
    }

    /// <summary>Notes what is awaited; from now on the queue holds the group.</summary>
    internal void HandOver(Awaited awaited)
    {
        NeedsSync |= Count == 0 && awaited == Awaited.Durable;
        _awaited = awaited == Awaited.Durable && !NeedsSync ? Awaited.Written : awaited;
        _holders = awaited == Awaited.Nothing ? 1 : 2;
    }

    /// <summary>All of it has been written out.</summary>
    internal void NoteWritten()
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.AcknowledgeBeforeSync) && _awaited == Awaited.Durable)
            CompleteOnce(null);
#endif
        if (_awaited == Awaited.Written)
            CompleteOnce(null);
    }

    /// <summary>The disk has been full for a while: who waits is told, if it wants that.</summary>
    internal void NoteDiskFull()
    {
        if (GivesUpOnFullDisk && _awaited != Awaited.Nothing)
            CompleteOnce(new Files.DiskFullException());
    }

    /// <summary>The disk is slow: who waits is told, if it did not want to wait any longer.</summary>
    internal void NoteLate(long nowMs)
    {
        if (nowMs >= LateAtMs && _awaited != Awaited.Nothing)
            CompleteOnce(new Files.LateCommitException());
    }

    /// <summary>It is durable or has failed; the queue lets go of it.</summary>
    internal void End(Exception? failure)
    {
        if (_awaited != Awaited.Nothing)
            CompleteOnce(failure);
        Release();
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _completion.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private void CompleteOnce(Exception? failure)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
            return;
        if (failure is null)
            _completion.SetResult(true);
        else
            _completion.SetException(failure);
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            Recycle();
    }

    private void Recycle()
    {
        if (_entries.Length > MaxKeptEntries)
            _entries = new LogEntry[1];
        else
            Array.Clear(_entries, 0, Count);
        Count = 0;
        Bytes = 0;
        NeedsSync = false;
        GivesUpOnFullDisk = false;
        LateAtMs = long.MaxValue;
        _isCompleted = 0;
        _completion.Reset();
        _queue.Return(this);
    }
}
