namespace StreamSQL.Storage.Logs;

/// <summary>
/// Bounds the memory of all hot tails together: over the budget, old chunks that their segments already hold are dropped. Chunks that no
/// segment holds yet stay; the journal's size bounds them.
/// </summary>
internal sealed class TailBudget(long limitBytes)
{
    // A chunk that must stay goes to the back of the queue; after a few of them the call gives up, so its cost stays bounded.
    private const int MaxFailures = 8;
    private readonly Lock _gate = new();
    private readonly Queue<TailChunk> _chunks = new();
    private long _bytes;

    /// <summary>Bytes of all chunks.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Notes a new chunk. Called under its log's gate, so nothing is dropped here.</summary>
    public void Add(TailChunk chunk)
    {
        lock (_gate)
        {
            _chunks.Enqueue(chunk);
            _bytes += chunk.Capacity;
        }
    }

    /// <summary>Drops old chunks until the budget holds. Called under no lock.</summary>
    public void Trim()
    {
        for (var failures = 0; failures < MaxFailures && Bytes > limitBytes;)
        {
            TailChunk? oldest;
            lock (_gate)
            {
                if (!_chunks.TryDequeue(out oldest))
                    return;
                _bytes -= oldest.Capacity;
            }

            if (oldest.Log.TryDropTail(oldest))
                continue;
            Add(oldest);
            failures++;
        }
    }
}
