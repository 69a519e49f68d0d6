using System.Numerics;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Engine.State;

/// <summary>
/// The slots of small integer keys by the keys themselves: a look-up is one access to an array that the caches hold, where a hash table
/// takes a hash, a probe and a comparison. It knows only what it was told.
/// </summary>
internal sealed class DirectSlots
{
    private const int MaxKeys = 1 << 16;
    private const int MinKeys = 64;

    // A slot plus one, by key; 0 where there is none.
    private int[] _slots = [];

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => 4L * _slots.Length;

    /// <summary>Whether a key is small enough.</summary>
    public static bool Admits(long key) => key is >= 0 and < MaxKeys;

    /// <summary>
    /// Finds the slots of selected rows from a position on, up to the first row that is NULL or whose key is not known; returns that
    /// position, or how many rows there are.
    /// </summary>
    /// <param name="keys">A column of integers, not constant.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="slots">Takes the slots by position.</param>
    /// <param name="from">The first position.</param>
    public int Find(Column keys, RowSelection rows, Span<int> slots, int from)
    {
        slots = slots[..rows.Count];
        if (keys.MayHaveNulls)
            return keys is FixedColumn<int> integers ? FindNullable(integers, rows, slots, from)
                : FindNullable((FixedColumn<long>)keys, rows, slots, from);
        if (rows.IsDense)
            return keys is FixedColumn<int> integers ? FindDense(integers.Values, slots, from) : FindDense(((FixedColumn<long>)keys).Values,
                slots, from);
        return keys is FixedColumn<int> some
            ? FindSparse(some.Values, rows.Rows, slots, from)
            : FindSparse(((FixedColumn<long>)keys).Values, rows.Rows, slots, from);
    }

    /// <summary>Notes the slot of a key.</summary>
    public void Set(long key, int slot)
    {
        if (key >= _slots.Length)
            Array.Resize(ref _slots, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(MinKeys, key + 1)));
        _slots[key] = slot + 1;
    }

    /// <summary>Forgets a key.</summary>
    public void Remove(long key)
    {
        if ((ulong)key < (ulong)_slots.Length)
            _slots[key] = 0;
    }

    /// <summary>Forgets all keys.</summary>
    public void Clear() => Array.Clear(_slots);

    private int FindDense<T>(ReadOnlySpan<T> keys, Span<int> slots, int from)
        where T : unmanaged, IBinaryInteger<T>
    {
        var known = _slots;
        keys = keys[..slots.Length];
        for (var i = from; i < slots.Length; i++)
        {
            var slot = Find(known, keys[i]);
            if (slot == 0)
                return i;
            slots[i] = slot - 1;
        }

        return slots.Length;
    }

    private int FindSparse<T>(T[] keys, ReadOnlySpan<int> rows, Span<int> slots, int from)
        where T : unmanaged, IBinaryInteger<T>
    {
        var known = _slots;
        rows = rows[..slots.Length];
        for (var i = from; i < slots.Length; i++)
        {
            var slot = Find(known, keys[rows[i]]);
            if (slot == 0)
                return i;
            slots[i] = slot - 1;
        }

        return slots.Length;
    }

    private int FindNullable<T>(FixedColumn<T> keys, RowSelection rows, Span<int> slots, int from)
        where T : unmanaged, IBinaryInteger<T>
    {
        var known = _slots;
        var values = keys.Values;
        for (var i = from; i < slots.Length; i++)
        {
            var row = rows[i];
            var slot = keys.IsNull(row) ? 0 : Find(known, values[row]);
            if (slot == 0)
                return i;
            slots[i] = slot - 1;
        }

        return slots.Length;
    }

    private static int Find<T>(int[] known, T key)
        where T : unmanaged, IBinaryInteger<T>
    {
        // Negative keys are large ones here.
        var place = ulong.CreateTruncating(key);
        return place < (ulong)known.Length ? known[place] : 0;
    }
}
