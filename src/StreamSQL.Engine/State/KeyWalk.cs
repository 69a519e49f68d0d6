using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.State;

/// <summary>
/// A read of keys in their order, some at a time. It remembers its place by the last key, so what comes and goes in between does not
/// matter: each key that stays is met once.
/// </summary>
internal sealed class KeyWalk
{
    private const int SettledAtOnce = 1024;
    private const int FirstSlots = 64;
    private const int GatheredAtOnce = 8192;

    /// <summary>What is sorted while an order is made takes about so many bytes a key, besides the key's own.</summary>
    private const int SortBytesOfKey = 24;

    /// <summary>A range that has more than this part of all keys is read faster with all others, block by block.</summary>
    private const int WidePart = 8;

    private readonly KeyIndex _index;
    private readonly OrderedKeys _order;
    private readonly KeyRange[] _ranges;
    private int _next;
    private KeyRange _rest;
    private byte[] _last = [];
    private int _step = FirstSlots;
    private bool _isOpen;

    private KeyWalk(KeyIndex index, OrderedKeys order, KeyRange[] ranges)
    {
        (_index, _order, _ranges) = (index, order, ranges);
        _order.Readers++;
        _isOpen = true;
    }

    /// <summary>
    /// Begins a read; null where reading all rows is less work, since there are few keys, many of them are wanted, or nobody has wanted
    /// their order before, and where its memory is refused. The caller does not hold <see cref="StateStore.Sync"/>.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="index">The index of its keys.</param>
    /// <param name="ranges">Which keys are wanted.</param>
    public static KeyWalk? TryBegin(TableState table, KeyIndex index, KeyRange[] ranges)
    {
        lock (table.Sync)
        {
            if (index.Order is null && !index.WantsOrder())
                return null;
        }

        if (index.Order is null && !TryMake(table, index))
            return null;
        KeyWalk walk;
        int toSettle;
        lock (table.Sync)
        {
            if (index.Order is not { } kept)
                return null;
            walk = new KeyWalk(index, kept, ranges);
            toSettle = kept.NotedCount;
        }

        // Step by step, so that neither writers nor other readers wait long.
        var settled = 0;
        do
        {
            lock (table.Sync)
                walk._order.Settle(SettledAtOnce);
            settled += SettledAtOnce;
        }
        while (settled < toSettle);
        if (walk.IsNarrow(table))
            return walk;
        lock (table.Sync)
            walk.Close();
        return null;
    }

    /// <summary>
    /// The next slots whose keys are wanted, none at the end: few at first, for those who want no more. They may have no committed row.
    /// Under <see cref="StateStore.Sync"/>.
    /// </summary>
    /// <exception cref="SqlException">53200: the order was given up since its memory was needed.</exception>
    public int Read(Span<int> slots)
    {
        if (_order.IsGivenUp)
        {
            throw new SqlException(PostgresErrorCodes.OutOfMemory, "the memory for reading keys in their order was needed elsewhere",
                "Run the query again; it reads all rows then.");
        }

        while (_isOpen)
        {
            if (_next > 0)
            {
                var count = _order.Read(_rest, slots[..Math.Min(slots.Length, _step)]);
                if (count > 0)
                {
                    if (_step < slots.Length)
                        _step *= 4;
                    Remember(slots[count - 1]);
                    return count;
                }
            }

            if (_next == _ranges.Length)
                Close();
            else
                _rest = _ranges[_next++];
        }

        return 0;
    }

    /// <summary>Ends the read. Under <see cref="StateStore.Sync"/>.</summary>
    public void Close()
    {
        if (_isOpen)
            _order.Readers--;
        _isOpen = false;
    }

    private void Remember(int slot)
    {
        var length = _index.EncodedLength(slot);
        if (_last.Length != length)
            _last = new byte[length];
        _index.WriteEncoded(slot, _last);
        _rest = _rest.After(_last);
    }

    private bool IsNarrow(TableState table)
    {
        lock (table.Sync)
        {
            var count = 0L;
            foreach (var range in _ranges)
                count += _order.Estimate(range);
            return count <= _order.Count / WidePart;
        }
    }

    /// <summary>
    /// Sorts the keys that there are, without holding the lock for long; false where somebody else does, or memory is refused.
    /// </summary>
    private static bool TryMake(TableState table, KeyIndex index)
    {
        OrderedKeys order;
        ulong[] free;
        int limit;
        long bytes;
        lock (table.Sync)
        {
            if (!index.WantsOrder())
                return index.Order is not null;
            limit = index.SlotLimit;
            bytes = (SortBytesOfKey * (long)limit) + (index.FitsEightBytes ? 0 : index.MemoryBytes);
            if (!table.Budget.TryCharge(bytes))
                return false;
            (order, free) = index.BeginOrder();
        }

        var isMade = false;
        try
        {
            var sort = new KeySort(limit, index.FitsEightBytes);
            if (!TryGather(table, index, order, free, limit, sort))
                return false;
            var slots = sort.Sort();
            lock (table.Sync)
            {
                if (!index.Keeps(order))
                    return false;
                order.Adopt(slots);
                isMade = table.TryChargeOrder(index);
            }
        }
        finally
        {
            table.Budget.Charge(-bytes);
            lock (table.Sync)
            {
                if (!isMade && index.Keeps(order))
                    index.GiveUpOrder();
            }
        }

        return isMade;
    }

    private static bool TryGather(TableState table, KeyIndex index, OrderedKeys order, ulong[] free, int limit, KeySort sort)
    {
        for (var from = 0; from < limit; from += GatheredAtOnce)
        {
            lock (table.Sync)
            {
                if (!index.Keeps(order))
                    return false;
                for (var slot = from; slot < Math.Min(limit, from + GatheredAtOnce); slot++)
                {
                    if ((free[slot >> 6] & (1UL << slot)) != 0 || order.HasLeft(slot))
                        continue;
                    if (!sort.TryAdd(index, slot))
                        return false;
                }
            }
        }

        return true;
    }
}
