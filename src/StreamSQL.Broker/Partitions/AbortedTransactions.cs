using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Cleaning;

namespace StreamSQL.Broker.Partitions;

/// <summary>
/// The aborted transactions of a partition by the offset of their markers (Kafka's transaction index). Changes are made under the
/// partition's gate; readers take <see cref="Now"/> before they read the log, and look up in it afterwards without a lock: so what the
/// cleaner makes of the log meanwhile cannot come between.
/// </summary>
internal sealed class AbortedTransactions
{
    private volatile View _now = new([], 0);

    /// <summary>All of them at this moment.</summary>
    public View Now => _now;

    /// <summary>Adds one, whose marker is the last one so far.</summary>
    /// <param name="range">The transaction.</param>
    /// <param name="nextFirstOffset">No transaction whose marker comes later begins below this offset.</param>
    public void Add(AbortedRange range, long nextFirstOffset)
    {
        var (entries, count) = (_now.Entries, _now.Count);
        if (count == entries.Length)
            Array.Resize(ref entries, Math.Max(4, count * 2));
        entries[count] = new Entry(range, nextFirstOffset); // beyond what any view shows
        _now = new View(entries, count + 1);
    }

    /// <summary>Takes over those of a snapshot, in order.</summary>
    /// <param name="ranges">The transactions.</param>
    /// <param name="nextFirstOffset">No transaction whose marker comes later begins below this offset.</param>
    public void Restore(IReadOnlyList<AbortedRange> ranges, long nextFirstOffset)
    {
        var entries = new Entry[ranges.Count];
        for (var i = entries.Length - 1; i >= 0; i--)
        {
            entries[i] = new Entry(ranges[i], nextFirstOffset);
            nextFirstOffset = Math.Min(nextFirstOffset, ranges[i].FirstOffset);
        }

        _now = new View(entries, entries.Length);
    }

    /// <summary>Forgets those that ended below the log's start.</summary>
    public void TrimBelow(long startOffset)
    {
        var first = _now.FirstEndingFrom(startOffset);
        if (first > 0)
            _now = new View(_now.Entries[first.._now.Count], _now.Count - first);
    }

    /// <summary>
    /// Forgets those of which the log holds no record any more. That must happen before their markers go: a reader that looks for the
    /// marker of a transaction it was told of would skip what the producer wrote later.
    /// </summary>
    public void Forget(IReadOnlySet<long> markerOffsets)
    {
        if (markerOffsets.Count == 0)
            return;
        Entry[] kept = [.. _now.Entries.Take(_now.Count).Where(e => !markerOffsets.Contains(e.Range.MarkerOffset))];
        _now = new View(kept, kept.Length);
    }

    internal readonly record struct Entry(AbortedRange Range, long NextFirstOffset);

    /// <summary>The aborted transactions at one moment.</summary>
    internal sealed class View(Entry[] entries, int count)
    {
        public Entry[] Entries => entries;

        public int Count => count;

        public IEnumerable<AbortedRange> Ranges => entries.Take(count).Select(e => e.Range);

        /// <summary>Those that overlap a range of offsets.</summary>
        public IReadOnlyList<AbortedTransaction> In(long fromOffset, long toOffset)
        {
            List<AbortedTransaction>? found = null;
            for (var i = FirstEndingFrom(fromOffset); i < count; i++)
            {
                ref readonly var entry = ref entries[i];
                if (entry.Range.FirstOffset < toOffset)
                    (found ??= []).Add(new AbortedTransaction(entry.Range.ProducerId, entry.Range.FirstOffset));
                if (entry.NextFirstOffset >= toOffset)
                    break;
            }

            return found is null ? [] : found;
        }

        /// <summary>The index of the first whose marker lies at or above an offset.</summary>
        public int FirstEndingFrom(long offset)
        {
            int low = 0, high = count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (entries[middle].Range.MarkerOffset < offset)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }
}
