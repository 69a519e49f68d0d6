using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Gives out the groups of windows that the open commit has touched, each once, where the state is kept by slices: some thousand keys at a
/// time, and of these the windows ascending. The old values, where wanted, are those of the last commit.
/// </summary>
internal sealed class SlicedChanges : HeldResults
{
    private readonly AggregateTable _table;
    private readonly WindowSlices _slices;
    private readonly ChangeBatch _output;
    private readonly KeyIndex _touched;
    private readonly Column[] _keyColumns;
    private readonly SliceKeys _keys;
    private readonly WindowTouches _touches;
    private readonly SlidingMerge _open;
    private readonly SlidingMerge? _committed;
    private readonly ChangeBatch _old;
    private readonly List<GroupTable> _dirty = [];
    private readonly List<long> _windows = [];
    private readonly int[] _ids = new int[ChangeBatch.MaxRows];
    private readonly int[] _rows = new int[ChangeBatch.MaxRows];
    private readonly int[] _oldRows = new int[ChangeBatch.MaxRows];
    private readonly int[] _oldKeys = new int[ChangeBatch.MaxRows];
    private readonly ChangeFlags[] _flags = new ChangeFlags[ChangeBatch.MaxRows];
    private int _nextKey;
    private int _window;

    /// <summary>Creates it.</summary>
    public SlicedChanges(AggregateTable table, ChangeBatch output)
    {
        _table = table;
        _slices = table.Slices!;
        _output = output;
        _touched = KeyIndex.Create(table.KeyTypes, nullable: false);
        _keyColumns = table.KeyTypes.Select(Column.Create).ToArray();
        _keys = new SliceKeys(table);
        _touches = new WindowTouches(_keys);
        _open = new SlidingMerge(table.Aggregates, committed: false);
        _committed = output.OldColumns is null ? null : new SlidingMerge(table.Aggregates, committed: true);
        _old = new ChangeBatch(table.Aggregates.Select(static binding => binding.ResultType).ToArray());
    }

    /// <inheritdoc/>
    public override void Begin()
    {
        _dirty.Clear();
        _windows.Clear();
        _nextKey = _window = 0;
        if (_touched.Count > 0)
            _touched.Clear();
        foreach (var part in _table.Dirty)
        {
            if (part.Touched.Length > 0)
                _dirty.Add(part);
        }

        if (_dirty.Count == 0)
            return;
        _dirty.Sort(static (a, b) => a.FirstWindow.CompareTo(b.FirstWindow));
        foreach (var part in _dirty)
        {
            AddTouchedKeys(part);
            AddWindows(part);
        }

        _keys.TakeParts(_slices.PartsOf(_table, _windows[0]).From, _slices.PartsOf(_table, _windows[^1]).To);
        _window = _windows.Count;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Next()
    {
        while (true)
        {
            for (; _window < _windows.Count; _window++)
            {
                if (!Write(_windows[_window]))
                    continue;
                _window++;
                return _output;
            }

            if (_nextKey == _touched.SlotLimit || _windows.Count == 0)
                return null;
            TakeKeys();
        }
    }

    /// <summary>Adds the windows of a part that are not there yet; parts come by their first window.</summary>
    private void AddWindows(GroupTable part)
    {
        var advance = _table.Window!.AdvanceMs;
        var last = _slices.LastWindow(part.Start);
        var start = part.FirstWindow;
        if (_windows.Count > 0 && _windows[^1] >= start)
        {
            if (last - _windows[^1] < advance)
                return;
            start = _windows[^1] + advance;
        }

        _windows.Add(start);
        for (; last - start >= advance; _windows.Add(start))
            start += advance;
    }

    private void AddTouchedKeys(GroupTable part)
    {
        for (var from = 0; from < part.Touched.Length;)
        {
            var slots = part.Touched.Slice(from, Math.Min(part.Touched.Length - from, ChangeBatch.MaxRows));
            foreach (var column in _keyColumns)
                column.Reset(slots.Length);
            part.Index.ReadKeys(slots, _keyColumns, 0);
            _touched.FindOrAdd(_keyColumns, RowSelection.All(slots.Length), _ids);
            from += slots.Length;
        }
    }

    private void TakeKeys()
    {
        var count = Math.Min(_touched.SlotLimit - _nextKey, _keys.MaxCount);
        _keys.TakeKeys(_touched, RowNumbers.Ascending(_nextKey + count)[_nextKey..]);
        _nextKey += count;
        _window = 0;
        _touches.Begin();
        _open.Begin(_keys);
        _committed?.Begin(_keys);
    }

    private bool Write(long start)
    {
        var (from, to) = _keys.PartsOf(start);
        _touches.MoveTo(start, from, to);
        int count = 0, old = 0;
        for (var i = 0; i < _keys.Count; i++)
        {
            if (!_touches.IsTouched(i))
                continue;
            _flags[count] = ChangeFlags.HasNew;
            if (_touches.IsCommitted(i))
            {
                _flags[count] |= ChangeFlags.HasOld;
                _oldRows[old] = count;
                _oldKeys[old++] = i;
            }

            _rows[count++] = i;
        }

        if (count == 0)
            return false;
        var rows = _rows.AsSpan(0, count);
        _output.Reset(count);
        _open.MoveTo(start, from, to, rows);
        WriteKeys(_output.Columns, start, rows);
        for (var a = 0; a < _old.Columns.Length; a++)
            _open.Window.States[a].Read(rows, _output.Columns[_table.KeyCount + _table.BoundCount + a], 0);
        _open.Window.ReadTimes(rows, _output.RowTime.Values);
        _output.SetFlags(_flags);
        if (_committed is not null)
            WriteOld(_committed, start, from, to, rows, old);
        return true;
    }

    private void WriteOld(SlidingMerge committed, long start, int from, int to, ReadOnlySpan<int> rows, int count)
    {
        var keys = _oldKeys.AsSpan(0, count);
        committed.MoveTo(start, from, to, keys);
        WriteKeys(_output.OldColumns!, start, rows);
        _old.Reset(count);
        for (var a = 0; a < _old.Columns.Length; a++)
        {
            committed.Window.States[a].Read(keys, _old.Columns[a], 0);
            _output.OldColumns![_table.KeyCount + _table.BoundCount + a].Scatter(_old.Columns[a], RowNumbers.Ascending(count),
                _oldRows.AsSpan(0, count));
        }
    }

    private void WriteKeys(Column[] columns, long start, ReadOnlySpan<int> rows)
    {
        for (var k = 0; k < _table.KeyCount; k++)
            columns[k].Gather(_keys.Keys[k], rows, 0);
        WindowColumns.Fill(columns.AsSpan(_table.KeyCount, _table.BoundCount), start, _table.Window!.End(start));
    }
}
