using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Reads the members of JSON objects into one column per field. Unknown members are skipped, missing ones give NULL, of repeated ones the
/// last counts, but a member of exactly the field's name before others.
/// </summary>
internal sealed class JsonObjectReader
{
    /// <summary>Members of one object whose place is remembered.</summary>
    private const int MaxExpected = 4096;

    private readonly string[] _names;
    private readonly JsonValueReader[] _readers;
    private readonly JsonFieldNames _table;

    /// <summary>Members as remembered by <see cref="_table"/>, by position in the last object.</summary>
    private short[] _expected = new short[16];

    /// <summary>By field: <see cref="_stamp"/> when this object had it in another case, the number after it when exactly.</summary>
    private readonly long[] _seen;
    private long _stamp = 2;
    private byte[] _nameScratch = [];

    /// <summary>Creates a reader for fields in schema order.</summary>
    public JsonObjectReader(IReadOnlyList<string> names, IReadOnlyList<SqlType> types)
    {
        _names = [.. names];
        _readers = types.Select(static type => new JsonValueReader(type)).ToArray();
        _table = new JsonFieldNames(names);
        _seen = new long[names.Count];
    }

    /// <summary>The reader of a field's values.</summary>
    public JsonValueReader ReaderOf(int field) => _readers[field];

    /// <summary>The field that a member's name stands for, -1 for none; false when the name has a bad escape.</summary>
    public bool TryMatch(ref JsonCursor cursor, JsonStringToken name, out int field)
    {
        short forgotten = 0;
        var found = FindField(ref cursor, name, ref forgotten, out var match);
        field = match.Field;
        return found;
    }

    /// <summary>Reads an object, the position at its brace, into a row of the columns; null columns are skipped.</summary>
    public bool Read(ref JsonCursor cursor, ReadOnlySpan<Column?> columns, int row)
    {
        _stamp += 2;
        cursor.Position++;
        if (cursor.Peek() == (byte)'}')
            cursor.Position++;
        else if (!ReadMembers(ref cursor, columns, row))
            return false;

        for (var field = 0; field < columns.Length; field++)
        {
            if (_seen[field] < _stamp)
                columns[field]?.SetNull(row);
        }

        return true;
    }

    private bool ReadMembers(ref JsonCursor cursor, ReadOnlySpan<Column?> columns, int row)
    {
        for (var member = 0; ; member++)
        {
            if (member == _expected.Length && member < MaxExpected)
                Array.Resize(ref _expected, 2 * member);
            // Members beyond the bound share one place: they are looked up each time.
            if (!cursor.ReadName(out var name)
                || !FindField(ref cursor, name, ref _expected[Math.Min(member, _expected.Length - 1)], out var match))
                return false;
            var column = match.Field < 0 ? null : columns[match.Field];
            if (column is null || (!match.Exact && _seen[match.Field] > _stamp))
            {
                if (!cursor.SkipValue())
                    return false;
            }
            else
            {
                _seen[match.Field] = match.Exact ? _stamp + 1 : _stamp;
                if (!ReadValue(ref cursor, match.Field, column, row))
                    return false;
            }

            var next = cursor.Peek();
            if (next is not ((byte)',' or (byte)'}'))
                return cursor.FailHere();
            cursor.Position++;
            if (next == (byte)'}')
                return true;
        }
    }

    private bool ReadValue(ref JsonCursor cursor, int field, Column column, int row)
    {
        if (_readers[field].Read(ref cursor, column, row))
            return true;
        cursor.FaultColumn = cursor.FaultColumn is null ? _names[field] : $"{_names[field]}->{cursor.FaultColumn}";
        return false;
    }

    private bool FindField(ref JsonCursor cursor, JsonStringToken name, ref short expected, out JsonFieldMatch match)
    {
        var text = cursor.Text.Slice(name.Start, name.Length);
        if (!name.Escaped)
        {
            match = _table.Find(text, ref expected);
            return true;
        }

        if (_nameScratch.Length < text.Length)
            _nameScratch = new byte[text.Length];
        var length = JsonEscapes.Undo(text, _nameScratch);
        match = length < 0 ? default : _table.Resolve(_nameScratch.AsSpan(0, length));
        return length >= 0 || cursor.Fail(JsonFault.InvalidEscape, name.Start);
    }
}
