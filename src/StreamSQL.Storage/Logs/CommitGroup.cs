using System.Threading.Tasks.Sources;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// Appends that become durable together. A group with appends to more than one log is atomic: after a crash all of it is there or nothing.
/// Groups are pooled: <see cref="Durable"/> may be awaited once, after which the group is no longer the caller's.
/// </summary>
public sealed class CommitGroup : IValueTaskSource
{
    private const int MaxKeptEntries = 4096;
    private readonly CommitQueue _queue;
    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private LogEntry[] _entries = new LogEntry[1];

    internal CommitGroup(CommitQueue queue) => _queue = queue;

    /// <summary>Completes when all is durable; throws <see cref="Files.StorageFailedException"/> when storage failed.</summary>
    public ValueTask Durable => new(this, _completion.Version);

    /// <summary>Bytes of the batches in the group.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many entries it holds.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<LogEntry> Entries => _entries.AsSpan(0, Count);

    /// <summary>Whether it must be found whole or not at all.</summary>
    internal bool IsAtomic => Count > 1;

    /// <summary>Whether nobody awaits it, so that it returns to the pool by itself.</summary>
    internal bool Detached { get; set; }

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
    }

    internal void Complete(Exception? failure)
    {
        if (Detached)
            Recycle();
        else if (failure is null)
            _completion.SetResult(true);
        else
            _completion.SetException(failure);
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _completion.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private void Recycle()
    {
        if (_entries.Length > MaxKeptEntries)
            _entries = new LogEntry[1];
        else
            Array.Clear(_entries, 0, Count);
        Count = 0;
        Bytes = 0;
        Detached = false;
        _completion.Reset();
        _queue.Return(this);
    }
}
