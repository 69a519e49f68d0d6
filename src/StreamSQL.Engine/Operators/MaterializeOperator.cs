using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Keeps the newest row per key of a table's records in a <see cref="RowTable"/> and turns each record (a row, or a tombstone) into a
/// change that knows whether the key had a row before and, where wanted, which. A record whose only key column is NULL is dropped.
/// </summary>
internal sealed class MaterializeOperator : BatchOperator
{
    private readonly RowTable _table;
    private readonly bool _withOld;
    private readonly Column[] _old;
    private ChangeBatch? _output;
    private ChangeFlags[] _flags = [];
    private int[] _withKey = [];
    private int[] _slots = [];
    private int[] _puts = [];
    private int[] _putRows = [];
    private int[] _seenBySlot = [];
    private int _segment;

    /// <summary>Creates the operator.</summary>
    /// <param name="table">Its state.</param>
    /// <param name="withOld">Whether the consumer needs old columns.</param>
    public MaterializeOperator(RowTable table, bool withOld)
    {
        _table = table;
        _withOld = withOld;
        _old = table.Schema.Columns.Select(static column => Column.Create(column.Type)).ToArray();
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">53200: the table is over its budget.</exception>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        EnsureRoom(input);
        var keys = input.Columns.AsSpan(0, _table.KeyCount);
        var rows = _table.HasNullableKeys ? input.Selection : KeyRows.WithoutNulls(keys, input.Selection, _withKey);
        foreach (var column in _old)
            column.Reset(input.RowCount);
        lock (_table.Sync)
        {
            var slots = _slots.AsSpan(0, rows.Count);
            _table.Touch(keys, rows, slots);
            Apply(input, rows, slots);
            _table.Settle();
        }

        return Output(input, rows);
    }

    /// <summary>Applies the rows in runs in which no key comes twice.</summary>
    private void Apply(ChangeBatch input, RowSelection rows, ReadOnlySpan<int> slots)
    {
        if (_seenBySlot.Length < _table.Index.SlotLimit)
            Array.Resize(ref _seenBySlot, Math.Max(_table.Index.SlotLimit, _seenBySlot.Length * 2));
        for (var from = 0; from < rows.Count;)
        {
            var to = EndOfRun(slots, from);
            ApplyRun(input, rows, slots, from, to);
            from = to;
        }
    }

    private int EndOfRun(ReadOnlySpan<int> slots, int from)
    {
        if (_segment == int.MaxValue)
        {
            Array.Clear(_seenBySlot);
            _segment = 0;
        }

        _segment++;
        var to = from;
        while (to < slots.Length && _seenBySlot[slots[to]] != _segment)
            _seenBySlot[slots[to++]] = _segment;
        return to;
    }

    private void ApplyRun(ChangeBatch input, RowSelection rows, ReadOnlySpan<int> slots, int from, int to)
    {
        NoteOld(rows, slots, from, to);
        var puts = 0;
        for (var i = from; i < to; i++)
        {
            var row = rows[i];
            if ((input.FlagsOf(row) & ChangeFlags.HasNew) == 0)
            {
                _table.Delete(slots[i]);
                continue;
            }

            _flags[row] |= ChangeFlags.HasNew;
            _puts[puts] = slots[i];
            _putRows[puts++] = row;
        }

        _table.Put(_puts.AsSpan(0, puts), input.Columns.AsSpan(_table.KeyCount), _putRows.AsSpan(0, puts), input.RowTime);
    }

    private void NoteOld(RowSelection rows, ReadOnlySpan<int> slots, int from, int to)
    {
        var olds = 0;
        for (var i = from; i < to; i++)
        {
            var isLive = _table.IsLive(slots[i]);
            _flags[rows[i]] = isLive ? ChangeFlags.HasOld : ChangeFlags.None;
            if (!isLive)
                continue;
            _puts[olds] = slots[i];
            _putRows[olds++] = rows[i];
        }

        for (var c = _table.KeyCount; _withOld && c < _old.Length; c++)
            _old[c].Scatter(_table.Values[c - _table.KeyCount], _puts.AsSpan(0, olds), _putRows.AsSpan(0, olds));
    }

    private ChangeBatch Output(ChangeBatch input, RowSelection rows)
    {
        var output = BatchViews.View(input, ref _output);
        output.Selection = rows;
        output.SetFlags(_flags);
        if (!_withOld)
        {
            output.OldColumns = null;
            return output;
        }

        output.OldColumns ??= new Column[_old.Length];
        for (var c = 0; c < _old.Length; c++)
            output.OldColumns[c] = c < _table.KeyCount ? input.Columns[c] : _old[c];
        return output;
    }

    private void EnsureRoom(ChangeBatch input)
    {
        if (_slots.Length < input.RowCount)
        {
            var size = Math.Max(ChangeBatch.MaxRows, input.RowCount);
            _flags = new ChangeFlags[size];
            _withKey = new int[size];
            _slots = new int[size];
            _puts = new int[size];
            _putRows = new int[size];
        }
    }
}
