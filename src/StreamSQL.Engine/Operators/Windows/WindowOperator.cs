using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators.Bounded;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// Window functions over rows that come sorted. It holds the rows of the partition that is not over yet; partitions that are over are
/// computed some thousand rows at a time, column by column.
/// </summary>
internal sealed class WindowOperator : Operator
{
    private const int MinComputedRows = 8 * ChangeBatch.MaxRows;

    private readonly int[] _partitionBy;
    private readonly int[] _orderBy;
    private readonly List<CallFrame> _frames = [];
    private readonly ActiveWindowCall[] _calls;
    private readonly WindowPartitions _partitions = new();
    private readonly RowBuffer _rows;
    private readonly MemoryBudget _budget;
    private readonly ChangeBatch _output;
    private int[] _tail = [];
    private bool[] _isStart = [];
    private int _lastStart;
    private int _computed;
    private int _next;
    private long _charged;

    /// <summary>Creates the operator.</summary>
    public WindowOperator(OperatorContext context, LogicalWindow plan)
    {
        _partitionBy = ColumnsOf(plan.PartitionBy);
        _orderBy = ColumnsOf(plan.OrderBy.Select(static key => key.Expression));
        _calls = new ActiveWindowCall[plan.Calls.Count];
        for (var i = 0; i < _calls.Length; i++)
            _calls[i] = new(plan.Calls[i], FrameOf(plan.Calls[i].Frame, plan.OrderBy, context), context);
        _budget = context.Budget.Part("a window");
        _rows = new RowBuffer([.. plan.Input.Schema.Columns.Select(static column => column.Type)], _budget);
        _output = new ChangeBatch([.. plan.Schema.Columns.Select(static column => column.Type)]);
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">53200: a partition is over the budget.</exception>
    public override void Push(ChangeBatch input, int port = 0)
    {
        var from = _rows.Count;
        _rows.Append(input.Columns, input.RowTime, RowNumbers.Of(input.Selection));
        FindPartitions(from);
        if (_lastStart >= MinComputedRows)
            Compute(_lastStart);
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal == OperatorSignal.End)
            Compute(_rows.Count);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        var count = Math.Min(_computed - _next, ChangeBatch.MaxRows);
        if (count == 0)
        {
            if (_computed > 0)
                DropComputed();
            return null;
        }

        var rows = RowNumbers.Ascending(_next + count)[_next..];
        _output.Reset(count);
        for (var c = 0; c < _rows.Columns.Length; c++)
            _output.Columns[c].Gather(_rows.Columns[c], rows, 0);
        for (var i = 0; i < _calls.Length; i++)
            _output.Columns[_rows.Columns.Length + i].Gather(_calls[i].Result, rows, 0);
        _output.RowTime.Gather(_rows.RowTime, rows, 0);
        _next += count;
        return _output;
    }

    // A constant makes no partitions and no order.
    private static int[] ColumnsOf(IEnumerable<BoundExpression> expressions) =>
        [.. expressions.OfType<BoundColumn>().Select(static column => column.Index)];

    private CallFrame FrameOf(FrameSpec spec, IReadOnlyList<SortKey> order, OperatorContext context)
    {
        var frame = _frames.Find(known => known.IsOf(spec));
        if (frame is null)
            _frames.Add(frame = new CallFrame(spec, order, context));
        return frame;
    }

    private void FindPartitions(int from)
    {
        if (_isStart.Length < _rows.Count)
            Array.Resize(ref _isStart, Math.Max(_rows.Count, _isStart.Length * 2));
        var marks = _isStart.AsSpan(0, _rows.Count);
        marks[from..].Clear();
        if (from == 0 && marks.Length > 0)
            marks[0] = true;
        foreach (var column in _partitionBy)
            WindowPartitions.MarkChanges(_rows.Columns[column], Math.Max(1, from), marks);
        var last = marks[from..].LastIndexOf(true);
        if (last >= 0)
            _lastStart = from + last;
    }

    private void Compute(int count)
    {
        if (count == 0)
            return;
        _partitions.Read(_isStart, [.. _orderBy.Select(column => _rows.Columns[column])], count);
        foreach (var frame in _frames)
            frame.Compute(_rows.Columns, _partitions);
        var bytes = _partitions.MemoryBytes + _isStart.Length;
        foreach (var frame in _frames)
            bytes += frame.Frames.MemoryBytes;
        foreach (var call in _calls)
        {
            call.Compute(_rows.Columns, _partitions);
            bytes += call.MemoryBytes;
            Charge(Math.Max(bytes, _charged));
        }

        Charge(bytes);
        (_computed, _next) = (count, 0);
    }

    private void Charge(long bytes)
    {
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    private void DropComputed()
    {
        var left = _rows.Count - _computed;
        if (_tail.Length < left)
            _tail = new int[Math.Max(left, ChangeBatch.MaxRows)];
        for (var i = 0; i < left; i++)
            _tail[i] = _computed + i;
        _rows.Keep(_tail.AsSpan(0, left));
        _computed = _next = 0;
        _lastStart = 0;
        FindPartitions(0);
    }
}
