using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Looks up each event's key in a table of the same partition, as the table is at that moment. Output: the key, the stream's columns as
/// they are, then the table's columns. A left join keeps an event without a match (or without a key) as a half row; an inner join drops it.
/// An event without a value is dropped.
/// </summary>
internal sealed class StreamTableJoinOperator : BatchOperator
{
    private readonly ExpressionEvaluator[] _keys;
    private readonly Column[] _keyColumns;
    private readonly RowTable _table;
    private readonly bool _keepsUnmatched;
    private readonly int _leftCount;
    private readonly int _firstRight;
    private readonly Column[] _right;
    private readonly ChangeBatch _output;
    private int[] _withValue = [];
    private int[] _withKey = [];
    private int[] _slots = [];
    private int[] _matched = [];

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The task's context.</param>
    /// <param name="plan">The join: inner or left, its left keys over the stream; its right keys are
    /// the table's key columns in order.</param>
    /// <param name="table">The right side.</param>
    public StreamTableJoinOperator(OperatorContext context, LogicalJoin plan, RowTable table)
    {
        _keys = ExpressionEvaluator.CreateAll(plan.LeftKeys, context);
        _keyColumns = new Column[_keys.Length];
        _table = table;
        _keepsUnmatched = plan.Kind == JoinKind.Left;
        _leftCount = plan.Left.Schema.Columns.Count;
        _right = table.Schema.Columns.Select(static column => Column.Create(column.Type)).ToArray();
        _firstRight = plan.KeyColumns + _leftCount;
        _output = new ChangeBatch(new Column[_firstRight + _right.Length]);
        _right.CopyTo(_output.Columns, _firstRight);
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        EnsureRoom(input);
        var rows = input.RowsHaving(ChangeFlags.HasNew, _withValue);
        for (var i = 0; i < _keys.Length; i++)
            _keyColumns[i] = _keys[i].Evaluate(input, rows);
        foreach (var column in _right)
            column.Reset(input.RowCount);

        var keyed = KeyRows.WithoutNulls(_keyColumns, rows, _withKey);
        var matched = LookUp(keyed);
        if (_keepsUnmatched && matched.Count < rows.Count)
            MakeHalfRows(rows, matched);

        _keyColumns.CopyTo(_output.Columns, 0);
        input.Columns.AsSpan(0, _leftCount).CopyTo(_output.Columns.AsSpan(_keyColumns.Length));
        _output.TakeRowsFrom(input);
        _output.SetFlags(null);
        _output.Selection = _keepsUnmatched ? rows : matched;
        return IsWorthGiving(_output) ? _output : null;
    }

    /// <summary>Copies the rows of the table to the rows of the stream that they belong to; returns the latter.</summary>
    private RowSelection LookUp(RowSelection keyed)
    {
        lock (_table.Sync)
        {
            var slots = _slots.AsSpan(0, keyed.Count);
            _table.Find(_keyColumns, keyed, slots);
            var matched = slots.ContainsAnyInRange(int.MinValue, -1) ? DropMisses(keyed) : keyed;
            slots = slots[..matched.Count];
            CopyKeys(matched);
            if (matched.IsDense)
                Gather(slots);
            else
                Scatter(slots, matched.Rows);
            return matched;
        }
    }

    private RowSelection DropMisses(RowSelection keyed)
    {
        var count = 0;
        for (var i = 0; i < keyed.Count; i++)
        {
            _matched[count] = keyed[i];
            _slots[count] = _slots[i];
            if (_slots[i] >= 0)
                count++;
        }

        return RowSelection.Of(_matched, count);
    }

    /// <summary>
    /// The table's key is the stream's key, so it need not be read from the table, and only half rows need a copy of their own.
    /// </summary>
    private void CopyKeys(RowSelection matched)
    {
        for (var c = 0; c < _keyColumns.Length; c++)
        {
            if (_keepsUnmatched)
                _right[c].Scatter(_keyColumns[c], RowNumbers.Of(matched), RowNumbers.Of(matched));
            else
                _output.Columns[_firstRight + c] = _keyColumns[c];
        }
    }

    private void Gather(ReadOnlySpan<int> slots)
    {
        for (var c = _table.KeyCount; c < _right.Length; c++)
            _right[c].Gather(_table.Values[c - _table.KeyCount], slots, 0);
    }

    private void Scatter(ReadOnlySpan<int> slots, ReadOnlySpan<int> rows)
    {
        for (var c = _table.KeyCount; c < _right.Length; c++)
            _right[c].Scatter(_table.Values[c - _table.KeyCount], slots, rows);
    }

    private void MakeHalfRows(RowSelection rows, RowSelection matched)
    {
        var next = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (next < matched.Count && matched[next] == row)
            {
                next++;
                continue;
            }

            foreach (var column in _right)
                column.SetNull(row);
        }
    }

    private void EnsureRoom(ChangeBatch input)
    {
        var count = input.Selection.Count;
        if (_slots.Length >= count)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, count);
        _withValue = new int[size];
        _withKey = new int[size];
        _slots = new int[size];
        _matched = new int[size];
    }
}
