using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.State;

/// <summary>
/// Reads the committed groups of windows that are kept by slices, window by window: all of them, or those of given keys. Each row is put
/// together under one hold of the lock, so it is what some commit left.
/// </summary>
internal sealed class SlicedTableCursor : TableCursor
{
    private readonly AggregateTable _table;
    private readonly WindowSlices _slices;
    private readonly TableAccess _access;
    private readonly ChangeBatch _output;
    private readonly KeyIndex _seen;
    private readonly MergedGroups _groups;
    private readonly Column[] _keys;
    private readonly int[] _slots = new int[ChangeBatch.MaxRows];
    private readonly int[] _ids = new int[ChangeBatch.MaxRows];
    private readonly int[] _targets = new int[ChangeBatch.MaxRows];
    private readonly RowSelection _points;
    private PartId _part;
    private int _nextSlot;
    private int _nextPoint;
    private long _window = -1;
    private long _from;
    private bool _isDone;

    /// <summary>Opens the read.</summary>
    public SlicedTableCursor(AggregateTable table, WindowSlices slices, TableAccess access)
    {
        _table = table;
        _slices = slices;
        _access = access;
        _output = new ChangeBatch(table.Schema.Columns.Select(static column => column.Type).ToArray());
        _seen = KeyIndex.Create(table.KeyTypes, nullable: false);
        _groups = new MergedGroups(table.Aggregates);
        _keys = table.KeyTypes.Select(Column.Create).ToArray();
        _from = Math.Max(0, access.WindowStartMin);
        if (access.Points is { } points)
            _points = KeyRows.WithoutNulls(points.Columns.AsSpan(0, table.KeyCount), points.Selection, new int[points.Selection.Count]);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Read()
    {
        if (_isDone)
            return null;
        lock (_table.Sync)
        {
            while (FindWindow())
            {
                while (NextKeys() is var keys and > 0)
                {
                    if (Merge(keys) is var count and > 0)
                        return Copy(count);
                }

                _from = _window + 1;
                _window = -1;
            }
        }

        _isDone = true;
        return null;
    }

    /// <summary>Stays in the window that it reads, or goes on to the next one that the access admits.</summary>
    private bool FindWindow()
    {
        if (_window >= 0)
            return _window > ExpiredStart || Skip();
        while (_from >= 0 && _slices.NextWindow(_table, Math.Max(_from, Math.Max(ExpiredStart, -1) + 1)) is { } start)
        {
            var end = _table.Window!.End(start);
            if (start > _access.WindowStartMax || end > _access.WindowEndMax)
                return false;
            _from = start + 1;
            if (end < _access.WindowEndMin)
                continue;
            Begin(start);
            return true;
        }

        return false;
    }

    /// <summary>Retention has taken the window away meanwhile.</summary>
    private bool Skip()
    {
        _window = -1;
        return FindWindow();
    }

    private long ExpiredStart => _table.Window!.ExpiredStart(_table.CommittedClock.StreamTime);

    private void Begin(long start)
    {
        _window = start;
        _part = new PartId(start, long.MinValue);
        _nextSlot = _nextPoint = 0;
        _seen.Clear();
    }

    /// <summary>The next keys that have not been met in this window, into the key columns.</summary>
    private int NextKeys()
    {
        if (_access.Points is { } points)
            return NextPoints(points);
        var (from, to) = _slices.PartsOf(_table, _window);
        for (var p = from; p < to; p++)
        {
            var part = _table.Windows[p];
            if (part.FirstWindow > _window || part.Id.CompareTo(_part) < 0)
                continue;
            if (part.Id != _part)
                (_part, _nextSlot) = (part.Id, 0);
            while (_nextSlot < part.Index.SlotLimit)
            {
                if (NextKeys(part) is var count and > 0)
                    return count;
            }
        }

        return 0;
    }

    private int NextKeys(GroupTable part)
    {
        var count = 0;
        for (; _nextSlot < part.Index.SlotLimit && count < _slots.Length; _nextSlot++)
        {
            if (part.IsCommitted(_nextSlot))
                _slots[count++] = _nextSlot;
        }

        Prepare(count);
        part.Index.ReadKeys(_slots.AsSpan(0, count), _keys, 0);
        return KeepUnseen(_keys, RowSelection.All(count));
    }

    private int NextPoints(ChangeBatch points)
    {
        while (_nextPoint < _points.Count)
        {
            var scratch = new int[Math.Min(_points.Count - _nextPoint, ChangeBatch.MaxRows)];
            var rows = _points.Slice(_nextPoint, scratch.Length, ref scratch);
            _nextPoint += rows.Count;
            if (KeepUnseen(points.Columns.AsSpan(0, _table.KeyCount), rows) is var count and > 0)
                return count;
        }

        return 0;
    }

    /// <summary>Puts those of the keys that were not met before into the key columns.</summary>
    private int KeepUnseen(ReadOnlySpan<Column> keys, RowSelection rows)
    {
        var known = _seen.SlotLimit;
        _seen.FindOrAdd(keys, rows, _ids);
        var count = _seen.SlotLimit - known;
        Prepare(count);
        _seen.ReadKeys(RowNumbers.Ascending(known + count)[known..], _keys, 0);
        return count;
    }

    private void Prepare(int count)
    {
        foreach (var column in _keys)
            column.Reset(count);
    }

    /// <summary>Puts the groups of the keys together; how many have one is the result, and <see cref="_ids"/> tells which.</summary>
    private int Merge(int keys)
    {
        Span<bool> found = stackalloc bool[ChangeBatch.MaxRows];
        found = found[..keys];
        found.Clear();
        _groups.Reset(keys);
        var (from, to) = _slices.PartsOf(_table, _window);
        for (var p = from; p < to; p++)
        {
            var part = _table.Windows[p];
            if (part.FirstWindow > _window)
                continue;
            part.Index.Find(_keys, RowSelection.All(keys), _slots);
            var count = 0;
            for (var i = 0; i < keys; i++)
            {
                if (_slots[i] < 0 || !part.IsCommitted(_slots[i]))
                    continue;
                found[i] = true;
                _targets[count] = i;
                _slots[count++] = _slots[i];
            }

            part.MergeCommittedInto(_groups, _targets.AsSpan(0, count), _slots.AsSpan(0, count));
        }

        var groups = 0;
        for (var i = 0; i < keys; i++)
        {
            if (found[i])
                _ids[groups++] = i;
        }

        return groups;
    }

    private ChangeBatch Copy(int count)
    {
        var rows = _ids.AsSpan(0, count);
        var (keys, bounds) = (_table.KeyCount, _table.BoundCount);
        _output.Reset(count);
        for (var k = 0; k < keys; k++)
            _output.Columns[k].Gather(_keys[k], rows, 0);
        WindowColumns.Fill(_output.Columns.AsSpan(keys, bounds), _window, _table.Window!.End(_window));
        for (var a = 0; a < _groups.States.Length; a++)
            _groups.States[a].Read(rows, _output.Columns[keys + bounds + a], 0);
        _groups.ReadTimes(rows, _output.RowTime.Values);
        return _output;
    }
}
