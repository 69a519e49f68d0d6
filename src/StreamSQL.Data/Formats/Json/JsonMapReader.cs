using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Reads JSON objects as maps. Of members with the same name the last one's value counts, at the first one's place.</summary>
internal sealed class JsonMapReader
{
    private readonly JsonValueReader _keys;
    private readonly JsonValueReader _values;
    private readonly MapKeys _found = new();

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
        _found.Clear(count);
        var entries = 0;
        for (var i = 0; i < count; i++)
        {
            cursor.Position++;
            cursor.Peek();
            if (!_keys.Read(ref cursor, column.Keys, first + entries) || !cursor.Expect((byte)':'))
                return false;
            var entry = _found.Place((BytesColumn)column.Keys, first, entries, entries);
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
}
