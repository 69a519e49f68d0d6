using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>
/// Reads a list of entries as a MAP with VARCHAR keys. Of entries with the same key the last one's value counts, at the first one's place.
/// </summary>
internal sealed class MapReader : FieldReader
{
    private readonly MessageReader _entry = new();
    private readonly MapKeys _found = new();
    private readonly Column?[] _columns = new Column?[2];
    private MapColumn _column = null!;

    /// <summary>Creates a reader from those of an entry's key and value.</summary>
    public MapReader(string path, FieldReader key, FieldReader value)
        : base(path, WireType.Delimited)
    {
        _entry.AddInitial(0, key);
        _entry.AddMember(1, 0, key);
        _entry.AddInitial(1, value);
        _entry.AddMember(2, 1, value);
    }

    /// <inheritdoc/>
    public override void Bind(Column column)
    {
        _column = (MapColumn)column;
        _columns[0] = _column.Keys;
        _columns[1] = _column.Values;
        _entry.Bind(_columns);
    }

    /// <inheritdoc/>
    public override void Init(int first, int count) => _column.Lengths.AsSpan(first, count).Clear();

    /// <inheritdoc/>
    public override WireFault ReadSlice(WireState state, int start, int length, int row)
    {
        var entry = _column.Extend(row, 1);
        _entry.Init(entry, 1);
        return _entry.Read(state, start, start + length, entry) ? WireFault.None : state.Fault;
    }

    /// <inheritdoc/>
    public override void Finish(int row)
    {
        var count = _column.Lengths[row];
        if (count < 2)
            return;
        var first = _column.Starts[row];
        var keys = (BytesColumn)_column.Keys;
        _found.Clear(count);
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = _found.Place(keys, first, i, kept);
            if (entry == kept)
                kept++;
            if (entry == i)
                continue;
            keys.SetSame(first + entry, first + i);
            _column.Values.CopyRow(_column.Values, first + i, first + entry);
        }

        _column.Lengths[row] = kept;
    }
}
