using System.Numerics;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats;

/// <summary>The keys of the map being read, to find those that occur twice: open addressing over its entries. Reused.</summary>
internal sealed class MapKeys
{
    /// <summary>Entry number + 1, 0 for free.</summary>
    private int[] _slots = [];
    private int _mask;

    /// <summary>Forgets all keys and makes room for so many.</summary>
    public void Clear(int count)
    {
        var needed = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, 2 * count));
        if (_slots.Length < needed)
            _slots = new int[needed];
        else
            _slots.AsSpan(0, needed).Clear();
        _mask = needed - 1;
    }

    /// <summary>
    /// The entry that has the same key as the one at <c>first + candidate</c>; the entry
    /// <paramref name="newEntry"/>, from then on, when there is none.
    /// </summary>
    public int Place(BytesColumn keys, int first, int candidate, int newEntry)
    {
        var key = keys[first + candidate];
        // Keyed hashing: the names come from outside and must not be able to collide on purpose.
        var hash = new HashCode();
        hash.AddBytes(key);
        for (var slot = hash.ToHashCode() & _mask; ; slot = (slot + 1) & _mask)
        {
            if (_slots[slot] == 0)
            {
                _slots[slot] = newEntry + 1;
                return newEntry;
            }

            if (keys[first + _slots[slot] - 1].SequenceEqual(key))
                return _slots[slot] - 1;
        }
    }

    /// <summary>The same for keys of any type.</summary>
    public int Place(Column keys, int first, int candidate, int newEntry)
    {
        if (keys is BytesColumn bytes)
            return Place(bytes, first, candidate, newEntry);
        for (var slot = HashCode.Combine(ColumnValue.Hash(keys, first + candidate)) & _mask; ; slot = (slot + 1) & _mask)
        {
            if (_slots[slot] == 0)
            {
                _slots[slot] = newEntry + 1;
                return newEntry;
            }

            if (ColumnValue.AreEqual(keys, first + _slots[slot] - 1, keys, first + candidate))
                return _slots[slot] - 1;
        }
    }
}
