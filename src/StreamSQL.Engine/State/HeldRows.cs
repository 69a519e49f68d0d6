namespace StreamSQL.Engine.State;

/// <summary>
/// The rows of a join buffer that have had no match yet, the earliest first. A row that finds its match
/// stays here until its time comes and is passed over then.
/// </summary>
internal sealed class HeldRows(JoinBuffer buffer)
{
    private readonly PriorityQueue<Entry, Entry> _queue = new(EntryOrder.Instance);

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 48L * _queue.Count;

    /// <summary>Adds a row.</summary>
    public void Add(int row, long time, long number)
    {
        var entry = new Entry(time, number, row);
        _queue.Enqueue(entry, entry);
    }

    /// <summary>The row with the least time and that time; false when there is none.</summary>
    public bool TryPeek(out int row, out long time)
    {
        while (_queue.TryPeek(out var entry, out _))
        {
            (row, time) = (entry.Row, entry.Time);
            if (buffer.IsHeld(row, entry.Number))
                return true;
            _queue.Dequeue();
        }

        (row, time) = (-1, long.MaxValue);
        return false;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _queue.Clear();

    private readonly record struct Entry(long Time, long Number, int Row);

    private sealed class EntryOrder : IComparer<Entry>
    {
        public static EntryOrder Instance { get; } = new();

        public int Compare(Entry x, Entry y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : x.Number.CompareTo(y.Number);
    }
}
