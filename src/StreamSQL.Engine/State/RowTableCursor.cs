using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.State;

/// <summary>Reads the committed rows of a <see cref="RowTable"/>: all of them, or those of given keys. The rows of a windowed key are read all.</summary>
internal sealed class RowTableCursor : TableCursor
{
    private readonly RowTable _table;
    private readonly ChangeBatch _output;
    private readonly int[] _slots = new int[ChangeBatch.MaxRows];
    private readonly ChangeBatch? _keys;
    private readonly RowSelection _points;
    private readonly int[] _found = [];
    private int _next;

    /// <summary>Opens the read.</summary>
    public RowTableCursor(RowTable table, TableAccess access)
    {
        _table = table;
        _output = new ChangeBatch(table.Schema.Columns.Select(static column => column.Type).ToArray());
        if (access.Points is not { } points || table.Schema.Window is not null)
            return;
        _keys = points;
        _found = new int[points.Selection.Count];
        _points = KeyRows.WithoutNulls(points.Columns.AsSpan(0, table.KeyCount), points.Selection, new int[_found.Length]);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Read()
    {
        lock (_table.Sync)
        {
            var count = _keys is null ? NextSlots() : NextPoints(_keys);
            if (count == 0)
                return null;
            var slots = _slots.AsSpan(0, count);
            _output.Reset(count);
            _table.Index.ReadKeys(slots, _output.Columns.AsSpan(0, _table.KeyCount), 0);
            _table.ReadCommitted(slots, _output.Columns.AsSpan(_table.KeyCount), _output.RowTime.Values);
            return _output;
        }
    }

    private int NextSlots()
    {
        var count = 0;
        for (; _next < _table.Index.SlotLimit && count < _slots.Length; _next++)
        {
            if (_table.IsCommitted(_next))
                _slots[count++] = _next;
        }

        return count;
    }

    private int NextPoints(ChangeBatch keys)
    {
        _table.Index.Find(keys.Columns.AsSpan(0, _table.KeyCount), _points, _found);
        var count = 0;
        for (; _next < _points.Count && count < _slots.Length; _next++)
        {
            var slot = _found[_next];
            if (slot >= 0 && _table.IsCommitted(slot) && Array.IndexOf(_found, slot, 0, _next) < 0)
                _slots[count++] = slot;
        }

        return count;
    }
}
