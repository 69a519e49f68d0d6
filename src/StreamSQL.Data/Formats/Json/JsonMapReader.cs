using System.Numerics;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Reads JSON objects as maps. Of members with the same name the last one's value counts, at the first one's place.</summary>
internal sealed class JsonMapReader
{
    private readonly JsonValueReader _keys;
    private readonly JsonValueReader _values;

    /// <summary>Open addressing over the entries of the map being read: entry number + 1, 0 for free.</summary>
    private int[] _slots = [];
    private int _mask;

    /// <summary>Creates a reader for a MAP type with VARCHAR keys.</summary>
    public JsonMapReader(SqlType type)
    {
        _keys = new JsonValueReader(type.Key!);
        _values = new JsonValueReader(type.Element!);
    }

    /// <summary>Reads an object, the position at its brace.</summary>
    public bool Read(ref JsonCursor cursor, MapColumn column, int row)
    {
        var start = cursor.Position;
        if (!JsonCounting.CountMembers(ref cursor, out var count))
            return false;
        var end = cursor.Position;
        cursor.Position = start;
        var first = column.Allocate(row, count);
        ClearSlots(count);
        var entries = 0;
        for (var i = 0; i < count; i++)
        {
            cursor.Position++;
            cursor.Peek();
            if (!_keys.Read(ref cursor, column.Keys, first + entries) || !cursor.Expect((byte)':'))
                return false;
            var entry = Place((BytesColumn)column.Keys, first, entries);
            cursor.Peek();
            if (!_values.Read(ref cursor, column.Values, first + entry))
                return false;
            entries = Math.Max(entries, entry + 1);
            cursor.Peek();
        }

        column.Lengths[row] = entries;
        cursor.Position = end;
        return true;
    }

    private void ClearSlots(int count)
    {
        var needed = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, 2 * count));
        if (_slots.Length < needed)
            _slots = new int[needed];
        else
            _slots.AsSpan(0, needed).Clear();
        _mask = needed - 1;
    }

    /// <summary>The entry that has the key just read, or the new one.</summary>
    private int Place(BytesColumn keys, int first, int newEntry)
    {
        var key = keys[first + newEntry];
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
}
