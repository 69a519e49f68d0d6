using System.Numerics;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>Finds keys that a map has more than once; most have none, so values are moved only when one is found.</summary>
internal sealed class AvroMapKeys
{
    /// <summary>Up to so many entries every two keys are compared.</summary>
    private const int FewEntries = 8;

    /// <summary>Open addressing over the entries: entry number + 1, 0 for free.</summary>
    private int[] _slots = [];

    /// <summary>Leaves one entry of each key, with the value of the last; returns how many entries are left.</summary>
    public int RemoveRepeated(MapColumn map, int first, int count)
    {
        if (count > FewEntries)
            ClearSlots(count);
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var same = count > FewEntries ? FindSlot(map.Keys, first, first + i, kept) : FindBefore(map.Keys, first, first + i, kept);
            if (same >= 0)
            {
                map.Values.CopyRow(map.Values, first + i, first + same);
                continue;
            }

            if (kept < i)
            {
                map.Keys.CopyRow(map.Keys, first + i, first + kept);
                map.Values.CopyRow(map.Values, first + i, first + kept);
            }

            kept++;
        }

        return kept;
    }

    private static int FindBefore(Column keys, int first, int row, int kept)
    {
        for (var i = 0; i < kept; i++)
        {
            if (ColumnValue.AreEqual(keys, first + i, keys, row))
                return i;
        }

        return -1;
    }

    /// <summary>The kept entry with the key of a row, -1 for none; then the row will be entry number <paramref name="kept"/>.</summary>
    private int FindSlot(Column keys, int first, int row, int kept)
    {
        var mask = _slots.Length - 1;
        for (var slot = Hash(keys, row) & mask; ; slot = (slot + 1) & mask)
        {
            if (_slots[slot] == 0)
            {
                _slots[slot] = kept + 1;
                return -1;
            }

            if (ColumnValue.AreEqual(keys, first + _slots[slot] - 1, keys, row))
                return _slots[slot] - 1;
        }
    }

    /// <summary>Keyed hashing: the keys come from outside and must not be able to collide on purpose.</summary>
    private static int Hash(Column keys, int row)
    {
        var hash = new HashCode();
        if (keys is BytesColumn bytes)
            hash.AddBytes(bytes[row]);
        else
            hash.Add(ColumnValue.Hash(keys, row));
        return hash.ToHashCode();
    }

    private void ClearSlots(int count)
    {
        var needed = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * count));
        if (_slots.Length != needed)
            _slots = new int[needed];
        else
            _slots.AsSpan().Clear();
    }
}
