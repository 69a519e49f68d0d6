using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// Sorts finished rows in memory, stably. When only the first rows are wanted (a limit follows), it never keeps many more than those.
/// </summary>
internal sealed class SortOperator : Operator
{
    /// <summary>What sorting takes for each row: a packed key, and its copy.</summary>
    private const int SortBytesOfRow = 20;

    private readonly SortKey[] _keys;
    private readonly RowSorter _sorter = new();
    private readonly MemoryBudget _budget;
    private readonly int[] _keyColumns;
    private readonly ExpressionEvaluator[] _computed;
    private readonly Column[] _inputColumns;
    private readonly RowBuffer _rows;
    private readonly long? _top;
    private readonly ChangeBatch _output;
    private int[] _order = [];
    private int _next = -1;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="keys">The sort keys over the schema, the most significant first.</param>
    /// <param name="schema">Input and output.</param>
    /// <param name="top">How many of the first rows are wanted; null for all.</param>
    public SortOperator(OperatorContext context, IReadOnlyList<SortKey> keys, PlanSchema schema, long? top)
    {
        var types = schema.Columns.Select(static column => column.Type).ToList();
        var computed = new List<BoundExpression>();
        _keys = [.. keys];
        _keyColumns = new int[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Expression is BoundColumn column)
            {
                _keyColumns[i] = column.Index;
                continue;
            }

            _keyColumns[i] = types.Count;
            types.Add(keys[i].Expression.Type);
            computed.Add(keys[i].Expression);
        }

        _computed = ExpressionEvaluator.CreateAll(computed, context);
        _inputColumns = new Column[types.Count];
        _budget = context.Budget.Part("a sort");
        _rows = new RowBuffer(types, _budget);
        _top = top;
        _output = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray());
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">53200: more rows than the budget allows.</exception>
    public override void Push(ChangeBatch input, int port = 0)
    {
        input.Columns.CopyTo(_inputColumns, 0);
        for (var i = 0; i < _computed.Length; i++)
            _inputColumns[input.Columns.Length + i] = _computed[i].Evaluate(input, input.Selection);
        _rows.Append(_inputColumns, input.RowTime, RowNumbers.Of(input.Selection));
        if (_top is { } top && _rows.Count >= 2 * (top + ChangeBatch.MaxRows))
        {
            Sort();
            _rows.Keep(_order.AsSpan(0, (int)top));
        }
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal != OperatorSignal.End)
            return;
        Sort();
        _next = 0;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        if (_next < 0)
            return null;
        var wanted = _top is { } top ? Math.Min(top, _rows.Count) : _rows.Count;
        var count = (int)Math.Min(wanted - _next, ChangeBatch.MaxRows);
        if (count <= 0)
        {
            _rows.Release();
            _next = -1;
            return null;
        }

        var rows = _order.AsSpan(_next, count);
        _output.Reset(count);
        for (var c = 0; c < _output.Columns.Length; c++)
            _output.Columns[c].Gather(_rows.Columns[c], rows, 0);
        _output.RowTime.Gather(_rows.RowTime, rows, 0);
        _next += count;
        return _output;
    }

    private void Sort()
    {
        if (_order.Length < _rows.Count)
            _order = new int[_rows.Count];
        var columns = new Column[_keys.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = _rows.Columns[_keyColumns[i]];
        _budget.Charge(SortBytesOfRow * (long)_rows.Count);
        _sorter.Sort(columns, _keys, _order.AsSpan(0, _rows.Count));
        _budget.Charge(-SortBytesOfRow * (long)_rows.Count);
    }
}
