using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>Keeps the arguments of an aggregate with ORDER BY until all are there, then adds them group by group in that order.</summary>
internal sealed class OrderedArguments
{
    private const int SortBytesOfRow = 20;

    private readonly int _arguments;
    private readonly SortKey[] _keys;
    private readonly RowBuffer _rows;
    private readonly MemoryBudget _budget;
    private readonly FixedColumn<int> _slots = new(SqlType.Integer);
    private readonly FixedColumn<long> _times = new(SqlType.BigInt);
    private readonly Column[] _input;

    /// <summary>Creates it empty.</summary>
    public OrderedArguments(AggregateCall call, MemoryBudget budget)
    {
        _arguments = call.Arguments.Count;
        // The group is the first key, so that the rows of a group come together.
        _keys = [new SortKey(new BoundColumn(0, "group", SqlType.Integer), false, false), .. call.OrderBy];
        _budget = budget;
        _rows = new RowBuffer(
            [SqlType.Integer, .. call.Binding.ParameterTypes, .. call.OrderBy.Select(static key => key.Expression.Type)], budget);
        _input = new Column[1 + _arguments + call.OrderBy.Count];
        _input[0] = _slots;
    }

    /// <summary>Keeps the arguments of rows.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Append(ReadOnlySpan<int> slots, AggregateArguments arguments, RowSelection rows)
    {
        if (rows.Count == 0)
            return;
        var limit = rows[rows.Count - 1] + 1;
        _slots.Reset(limit);
        _times.Reset(limit);
        _times.Values.AsSpan(0, limit).Clear();
        for (var i = 0; i < rows.Count; i++)
            _slots.Values[rows[i]] = slots[i];
        arguments.Columns.CopyTo(_input, 1);
        arguments.OrderColumns.CopyTo(_input, 1 + _arguments);
        _rows.Append(_input, _times, RowNumbers.Of(rows));
    }

    /// <summary>Adds all to their groups.</summary>
    public void AddTo(AggregateState state)
    {
        var bytes = SortBytesOfRow * (long)_rows.Count;
        _budget.Charge(bytes);
        var order = new int[_rows.Count];
        Column[] columns = [_rows.Columns[0], .. _rows.Columns[(1 + _arguments)..]];
        new RowSorter().Sort(columns, _keys, order);
        var slots = new int[ChangeBatch.MaxRows];
        var rows = new int[ChangeBatch.MaxRows];
        var groups = (FixedColumn<int>)_rows.Columns[0];
        for (var from = 0; from < order.Length; from += rows.Length)
        {
            var count = Math.Min(rows.Length, order.Length - from);
            order.AsSpan(from, count).CopyTo(rows);
            for (var i = 0; i < count; i++)
                slots[i] = groups[rows[i]];
            state.Add(_rows.Columns.AsSpan(1, _arguments), RowSelection.Of(rows, count), slots.AsSpan(0, count), null);
        }

        _rows.Release();
        _budget.Charge(-bytes);
    }
}
