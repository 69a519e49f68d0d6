using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// Reads the committed rows of a <see cref="RowTable"/>: all of them, or those of given keys. The rows of a windowed key are read all.
/// </summary>
internal sealed class RowTableCursor : TableCursor
{
    private readonly PlanSchema _schema;
    private readonly ChangeBatch _output;
    private readonly Column?[] _values;
    private readonly bool _readsKeys;
    private readonly bool _withTimes;
    private readonly SlotBlocks? _blocks;
    private readonly ChangeBatch? _keys;
    private readonly int[] _slots;
    private readonly int[] _found = [];
    private readonly int[] _rows = [];
    private RowTable? _table;
    private RowSelection _points;
    private int _next;

    /// <summary>Opens the read.</summary>
    public RowTableCursor(RowTable table, TableAccess access)
    {
        (_table, _schema, _blocks, _withTimes) = (table, table.Schema, access.Blocks, access.WithTimes);
        // What nobody wants has no room of its own.
        var unwanted = new FixedColumn<byte>(SqlType.Boolean);
        var columns = new Column[_schema.Columns.Count];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = access.Columns is null || access.Columns.Contains(i) ? Column.Create(_schema.Columns[i].Type) : unwanted;
        _output = new ChangeBatch(columns);
        _values = [.. columns.Skip(table.KeyCount).Select(column => column == unwanted ? null : column)];
        _readsKeys = columns.Take(table.KeyCount).Any(column => column != unwanted);
        for (var i = 0; _readsKeys && i < table.KeyCount; i++)
            columns[i] = columns[i] == unwanted ? Column.Create(_schema.Columns[i].Type) : columns[i];
        if (access.Points is { } points && _schema.Window is null)
        {
            _keys = points;
            _found = new int[points.Selection.Count];
            _rows = new int[_found.Length];
        }

        _slots = new int[_keys is null ? ChangeBatch.MaxRows : Math.Min(_found.Length, ChangeBatch.MaxRows)];
        Begin();
    }

    /// <inheritdoc/>
    public override ChangeBatch? Read()
    {
        var table = _table!;
        lock (table.Sync)
            return _keys is null ? ReadBlock(table) : ReadPoints(table, _keys);
    }

    /// <inheritdoc/>
    public override bool TryClose()
    {
        _table = null;
        _output.Reset(0); // its text lies in the table
        return true;
    }

    /// <inheritdoc/>
    public override bool TryReopen(TableState table)
    {
        if (table is not RowTable rows || !ReferenceEquals(rows.Schema, _schema) || _keys?.Selection.Count != _found.Length)
            return false;
        _table = rows;
        Begin();
        return true;
    }

    private void Begin()
    {
        _next = 0;
        if (_keys is { } keys)
            _points = KeyRows.WithoutNulls(keys.Columns.AsSpan(0, keys.Columns.Length), keys.Selection, _rows);
    }

    private ChangeBatch? ReadBlock(RowTable table)
    {
        while (NextBlock(table) is var start && start < table.Index.SlotLimit)
        {
            var count = Math.Min(SlotBlocks.Size, table.Index.SlotLimit - start);
            _output.Reset(count);
            var found = table.ReadBlock(start, count, _values, _withTimes ? _output.RowTime.Values : [], _slots);
            if (found == 0)
                continue;
            if (_readsKeys)
                table.Index.ReadKeyRun(start, count, _output.Columns.AsSpan(0, table.KeyCount));
            if (found < count)
                _output.Selection = RowSelection.Of(_slots, found);
            return _output;
        }

        return null;
    }

    /// <summary>Where the next block of slots starts; beyond all slots when there is none.</summary>
    private int NextBlock(RowTable table)
    {
        if (_blocks is not null)
            return _blocks.Take(table);
        var start = _next;
        if (start < table.Index.SlotLimit)
            _next += SlotBlocks.Size;
        return start;
    }

    private ChangeBatch? ReadPoints(RowTable table, ChangeBatch keys)
    {
        var slots = _slots.AsSpan(0, NextPoints(table, keys));
        if (slots.IsEmpty)
            return null;
        _output.Reset(slots.Length);
        if (_readsKeys)
            table.Index.ReadKeys(slots, _output.Columns.AsSpan(0, table.KeyCount), 0);
        table.ReadCommitted(slots, _values, _output.RowTime.Values);
        return _output;
    }

    private int NextPoints(RowTable table, ChangeBatch keys)
    {
        if (_next >= _points.Count)
            return 0;
        table.Index.Find(keys.Columns.AsSpan(0, table.KeyCount), _points, _found);
        var count = 0;
        for (; _next < _points.Count && count < _slots.Length; _next++)
        {
            var slot = _found[_next];
            if (slot >= 0 && table.IsCommitted(slot) && (_next == 0 || Array.IndexOf(_found, slot, 0, _next) < 0))
                _slots[count++] = slot;
        }

        return count;
    }
}
