using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// Reads the committed rows of a <see cref="RowTable"/>: those of given keys, those of a range of keys in their order, or all of them.
/// </summary>
internal sealed class RowTableCursor : TableCursor
{
    private readonly PlanSchema _schema;
    private readonly TableAccess _access;
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
    private KeyWalk? _walk;
    private bool _isBegun;

    /// <summary>Opens the read.</summary>
    public RowTableCursor(RowTable table, TableAccess access)
    {
        (_table, _schema, _access, _blocks, _withTimes) = (table, table.Schema, access, access.Blocks, access.WithTimes);
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
        Restart();
    }

    /// <inheritdoc/>
    public override ChangeBatch? Read()
    {
        var table = _table!;
        if (!_isBegun)
            (_isBegun, _walk) = (true, BeginWalk(table));
        lock (table.Sync)
            return _walk is not null ? ReadWalk(table, _walk) : _keys is null ? ReadBlock(table) : ReadPoints(table, _keys);
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_walk is null)
            return;
        lock (_table!.Sync)
            _walk.Close();
        _walk = null;
    }

    /// <inheritdoc/>
    public override bool TryClose()
    {
        Close();
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
        Restart();
        return true;
    }

    private void Restart()
    {
        (_next, _isBegun, _walk) = (0, false, null);
        if (_keys is { } keys)
            _points = KeyRows.WithoutNulls(keys.Columns.AsSpan(0, keys.Columns.Length), keys.Selection, _rows);
    }

    /// <summary>Begins to read in the order of keys, where that pays.</summary>
    private KeyWalk? BeginWalk(RowTable table)
    {
        if (_keys is not null)
            return null;
        if (_access.Points is { } points)
        {
            var keys = points.Columns.AsSpan(0, _schema.KeyCount);
            var rows = KeyRows.WithoutNulls(keys, points.Selection, new int[points.Selection.Count]);
            var ranges = KeyRange.OfWindows(table.Index, keys, rows, _access.WindowStartMin, _access.WindowStartMax);
            return KeyWalk.TryBegin(table, table.Index, ranges);
        }

        if (_access.Bounds is not { } bounds)
            return null;
        return _blocks is null ? Begin() : _blocks.TryWalk(table, Begin);

        KeyWalk? Begin() =>
            KeyWalk.TryBegin(table, table.Index, [KeyRange.Of(table.Index, table.KeyCount, bounds)]);
    }

    private ChangeBatch? ReadWalk(RowTable table, KeyWalk walk)
    {
        while (walk.Read(_slots) is var read and > 0)
        {
            var count = 0;
            for (var i = 0; i < read; i++)
            {
                if (table.IsCommitted(_slots[i]))
                    _slots[count++] = _slots[i];
            }

            if (count > 0)
                return Copy(table, _slots.AsSpan(0, count));
        }

        return null;
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
        return slots.IsEmpty ? null : Copy(table, slots);
    }

    private ChangeBatch Copy(RowTable table, ReadOnlySpan<int> slots)
    {
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
