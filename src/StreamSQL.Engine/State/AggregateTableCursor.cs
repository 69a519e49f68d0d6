using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.State;

/// <summary>Reads the committed groups of an <see cref="AggregateTable"/>, window by window: all of them, or those of given keys.</summary>
internal sealed class AggregateTableCursor : TableCursor
{
    private readonly AggregateTable _table;
    private readonly TableAccess _access;
    private readonly ChangeBatch _output;
    private readonly RowSelection _points;
    private readonly int[] _slots = new int[ChangeBatch.MaxRows];
    private int[] _found = [];
    private long _windowStart;
    private int _nextSlot;
    private bool _isDone;

    /// <summary>Opens the read.</summary>
    public AggregateTableCursor(AggregateTable table, TableAccess access)
    {
        _table = table;
        _access = access;
        _output = new ChangeBatch(table.Schema.Columns.Select(static column => column.Type).ToArray());
        _windowStart = access.WindowStartMin;
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
            while (CurrentWindow() is { } window)
            {
                var count = _access.Points is null ? NextSlots(window) : NextPoints(window, _access.Points);
                if (count > 0)
                    return Copy(window, _slots.AsSpan(0, count));
                if (window.Start == long.MaxValue)
                    break;
                _windowStart = window.Start + 1;
                _nextSlot = 0;
            }
        }

        _isDone = true;
        return null;
    }

    /// <summary>The first window at or after the place reached that the access admits.</summary>
    private GroupTable? CurrentWindow()
    {
        if (_table.Window is null)
            return _windowStart <= 0 && _table.Windows.Count > 0 ? _table.Windows[0] : null;
        for (var i = _table.FirstWindowFrom(_windowStart); i < _table.Windows.Count; i++)
        {
            var window = _table.Windows[i];
            if (window.Start > _access.WindowStartMax || window.End > _access.WindowEndMax)
                return null;
            if (window.End < _access.WindowEndMin)
                continue;
            if (window.Start != _windowStart)
                _nextSlot = 0;
            _windowStart = window.Start;
            return window;
        }

        return null;
    }

    private int NextSlots(GroupTable window)
    {
        var count = 0;
        for (; _nextSlot < window.Index.SlotLimit && count < _slots.Length; _nextSlot++)
        {
            if (window.IsCommitted(_nextSlot))
                _slots[count++] = _nextSlot;
        }

        return count;
    }

    /// <summary>The groups of the wanted keys; the place reached counts keys here.</summary>
    private int NextPoints(GroupTable window, ChangeBatch points)
    {
        var total = _points.Count;
        if (_found.Length < total)
            _found = new int[total];
        if (_nextSlot >= total)
            return 0;
        window.Index.Find(points.Columns.AsSpan(0, _table.KeyCount), _points, _found);
        var count = 0;
        for (; _nextSlot < total && count < _slots.Length; _nextSlot++)
        {
            var slot = _found[_nextSlot];
            if (slot >= 0 && window.IsCommitted(slot) && Array.IndexOf(_found, slot, 0, _nextSlot) < 0)
                _slots[count++] = slot;
        }

        return count;
    }

    private ChangeBatch Copy(GroupTable window, ReadOnlySpan<int> slots)
    {
        _output.Reset(slots.Length);
        var keys = _table.KeyCount;
        var bounds = _table.BoundCount;
        window.Index.ReadKeys(slots, _output.Columns.AsSpan(0, keys), 0);
        if (bounds > 0)
            WindowColumns.Fill(_output.Columns.AsSpan(keys, bounds), window.Start, window.End);
        window.ReadCommitted(slots, _output.Columns.AsSpan(keys + bounds), _output.RowTime.Values);
        return _output;
    }
}
