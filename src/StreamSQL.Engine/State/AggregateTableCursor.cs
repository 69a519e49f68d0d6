using StreamSQL.Data.Batches;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.State;

/// <summary>
/// Reads the committed groups of an <see cref="AggregateTable"/>, window by window: those of given keys, of a range of keys, or all of
/// them.
/// </summary>
internal sealed class AggregateTableCursor : TableCursor
{
    private readonly TableAccess _access;
    private readonly ChangeBatch _output;
    private readonly PlanSchema _schema;
    private readonly int[] _slots;
    private readonly int[] _found;
    private readonly int[] _rows;
    private AggregateTable? _table;
    private RowSelection _points;
    private long _windowStart;
    private int _nextSlot;
    private bool _isDone;
    private KeyWalk? _walk;

    // The window that a walk was sought for, which may have found none.
    private long? _soughtWindow;

    /// <summary>Opens the read.</summary>
    public AggregateTableCursor(AggregateTable table, TableAccess access)
    {
        (_table, _schema, _access) = (table, table.Schema, access);
        _output = new ChangeBatch(_schema.Columns.Select(static column => column.Type).ToArray());
        _found = new int[access.Points?.Selection.Count ?? 0];
        _rows = new int[_found.Length];
        _slots = new int[access.Points is null ? ChangeBatch.MaxRows : Math.Min(_found.Length, ChangeBatch.MaxRows)];
        Begin();
    }

    /// <inheritdoc/>
    public override ChangeBatch? Read()
    {
        var table = _table!;
        while (!_isDone)
        {
            if (_access is { Bounds: { } bounds, Points: null })
                SeekWalk(table, bounds);
            lock (table.Sync)
            {
                if (CurrentWindow(table) is not { } window)
                {
                    _isDone = true;
                    break;
                }

                if (_soughtWindow is { } sought && sought != window.Start)
                    continue;
                var count = _access.Points is null ? NextSlots(table, window) : NextPoints(table, window, _access.Points);
                if (count > 0)
                    return Copy(table, window, _slots.AsSpan(0, count));
                _isDone = window.Start == long.MaxValue;
                _windowStart = _isDone ? _windowStart : window.Start + 1;
                _nextSlot = 0;
            }
        }

        return null;
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
        return true;
    }

    /// <inheritdoc/>
    public override bool TryReopen(TableState table)
    {
        if (table is not AggregateTable { Slices: null } groups || !ReferenceEquals(groups.Schema, _schema)
            || (_access.Points?.Selection.Count ?? 0) != _found.Length)
            return false;
        _table = groups;
        Begin();
        return true;
    }

    private void Begin()
    {
        (_windowStart, _nextSlot, _isDone) = (_access.WindowStartMin, 0, false);
        (_walk, _soughtWindow) = (null, null);
        if (_access.Points is { } points)
            _points = KeyRows.WithoutNulls(points.Columns.AsSpan(0, _table!.KeyCount), points.Selection, _rows);
    }

    /// <summary>Begins to read the window reached in the order of its keys, where that pays.</summary>
    private void SeekWalk(AggregateTable table, KeyBounds bounds)
    {
        KeyIndex index;
        long start;
        lock (table.Sync)
        {
            if (CurrentWindow(table) is not { } window || _soughtWindow == window.Start)
                return;
            _walk?.Close();
            (index, start) = (window.Index, window.Start);
        }

        // Readers share only what has no windows.
        _walk = _access.Blocks is { } blocks && table.Window is null ? blocks.TryWalk(table, BeginWalk) : BeginWalk();
        _soughtWindow = start;

        KeyWalk? BeginWalk() => KeyWalk.TryBegin(table, index, [KeyRange.Of(index, table.KeyCount, bounds)]);
    }

    /// <summary>The first window at or after the place reached that the access admits.</summary>
    private GroupTable? CurrentWindow(AggregateTable table)
    {
        if (table.Window is null)
            return _windowStart <= 0 && table.Windows.Count > 0 ? table.Windows[0] : null;
        for (var i = table.FirstWindowFrom(_windowStart); i < table.Windows.Count; i++)
        {
            var window = table.Windows[i];
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

    private int NextSlots(AggregateTable table, GroupTable window)
    {
        var count = 0;
        if (_walk is not null)
            return NextOfWalk(window, _walk);
        if (_access.Blocks is { } blocks && table.Window is null)
        {
            while (count == 0 && blocks.Take(table) is var start && start < window.Index.SlotLimit)
                count = FindCommitted(window, start, Math.Min(window.Index.SlotLimit, start + SlotBlocks.Size));
            return count;
        }

        count = FindCommitted(window, _nextSlot, window.Index.SlotLimit);
        if (count > 0)
            _nextSlot = _slots[count - 1] + 1;
        return count;
    }

    private int NextOfWalk(GroupTable window, KeyWalk walk)
    {
        while (walk.Read(_slots) is var read and > 0)
        {
            var count = 0;
            for (var i = 0; i < read; i++)
            {
                if (window.IsCommitted(_slots[i]))
                    _slots[count++] = _slots[i];
            }

            if (count > 0)
                return count;
        }

        return 0;
    }

    private int FindCommitted(GroupTable window, int from, int limit)
    {
        var count = 0;
        for (var slot = from; slot < limit && count < _slots.Length; slot++)
        {
            if (window.IsCommitted(slot))
                _slots[count++] = slot;
        }

        return count;
    }

    /// <summary>The groups of the wanted keys; the place reached counts keys here.</summary>
    private int NextPoints(AggregateTable table, GroupTable window, ChangeBatch points)
    {
        var total = _points.Count;
        if (_nextSlot >= total)
            return 0;
        window.Index.Find(points.Columns.AsSpan(0, table.KeyCount), _points, _found);
        var count = 0;
        for (; _nextSlot < total && count < _slots.Length; _nextSlot++)
        {
            var slot = _found[_nextSlot];
            if (slot >= 0 && window.IsCommitted(slot) && Array.IndexOf(_found, slot, 0, _nextSlot) < 0)
                _slots[count++] = slot;
        }

        return count;
    }

    private ChangeBatch Copy(AggregateTable table, GroupTable window, ReadOnlySpan<int> slots)
    {
        _output.Reset(slots.Length);
        var keys = table.KeyCount;
        var bounds = table.BoundCount;
        window.Index.ReadKeys(slots, _output.Columns.AsSpan(0, keys), 0);
        if (bounds > 0)
            WindowColumns.Fill(_output.Columns.AsSpan(keys, bounds), window.Start, window.End);
        window.ReadCommitted(slots, _output.Columns.AsSpan(keys + bounds), _output.RowTime.Values);
        return _output;
    }
}
