using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>A frame that one or several calls have, and where a row finds it.</summary>
internal sealed class CallFrame
{
    private readonly FrameSpec _spec;
    private readonly (long Start, long End) _offsets;
    private readonly RangeEdges? _range;
    private readonly WindowInput? _key;

    /// <summary>Creates it; the offsets are evaluated.</summary>
    /// <exception cref="Data.Errors.SqlException">22004, 22013: an offset is null or negative.</exception>
    public CallFrame(FrameSpec spec, IReadOnlyList<SortKey> order, OperatorContext context)
    {
        _spec = spec;
        var (start, end) = (Offset(spec.Start, "starting", context), Offset(spec.End, "ending", context));
        if (spec.Unit != FrameUnit.Range)
        {
            _offsets = (Count(start, "starting"), Count(end, "ending"));
            return;
        }

        if (start is null && end is null)
            return;
        _key = new WindowInput(order[0].Expression, context);
        _range = RangeEdges.Create(order[0].Expression.Type, start, end, spec.Start.Offset?.Type, spec.End.Offset?.Type,
            order[0].Descending);
    }

    /// <summary>The frames of the rows that were read last.</summary>
    public WindowFrames Frames { get; } = new();

    /// <summary>Whether it is the frame of a call.</summary>
    public bool IsOf(FrameSpec spec) => _spec == spec;

    /// <summary>Computes the frames of rows.</summary>
    public void Compute(ReadOnlySpan<Column> columns, WindowPartitions partitions)
    {
        _range?.Read(_key!.Of(columns), partitions.RowCount);
        Frames.Compute(_spec, _offsets, _range, partitions);
    }

    private static object? Offset(FrameEdge edge, string which, OperatorContext context)
    {
        if (edge.Offset is null)
            return null;
        return ExpressionEvaluator.EvaluateConstant(edge.Offset, context) ?? throw WindowErrors.NullOffset(which);
    }

    private static long Count(object? offset, string which) => offset switch
    {
        null => 0,
        long and < 0 => throw WindowErrors.NegativeOffset(which),
        long count => count,
        _ => throw new InvalidOperationException("an offset of ROWS or GROUPS is a BIGINT"),
    };
}

/// <summary>What a call reads: a column of the rows, or a constant.</summary>
internal sealed class WindowInput
{
    private readonly int _index = -1;
    private readonly Column? _constant;

    /// <summary>Creates it; a constant is evaluated.</summary>
    public WindowInput(BoundExpression expression, OperatorContext context)
    {
        if (expression is BoundColumn column)
        {
            _index = column.Index;
            return;
        }

        _constant = Column.Create(expression.Type);
        _constant.Reset(1, constant: true);
        ColumnWriter.Write(_constant, 0, ExpressionEvaluator.EvaluateConstant(expression, context));
    }

    /// <summary>The values by row.</summary>
    public Column Of(ReadOnlySpan<Column> columns) => _constant ?? columns[_index];
}

/// <summary>A call of a window function with its results by row.</summary>
internal sealed class ActiveWindowCall
{
    private readonly WindowCall _call;
    private readonly WindowInput[] _inputs;
    private readonly Column[] _arguments;
    private readonly WindowInput? _filter;
    private readonly CallFrame _frame;
    private readonly FrameAggregate? _aggregate;
    private readonly ValueFunctions _values = new();

    /// <summary>Creates it.</summary>
    public ActiveWindowCall(WindowCall call, CallFrame frame, OperatorContext context)
    {
        _call = call;
        _frame = frame;
        _inputs = [.. call.Arguments.Select(argument => new WindowInput(argument, context))];
        _arguments = new Column[_inputs.Length];
        _filter = call.Filter is null ? null : new WindowInput(call.Filter, context);
        _aggregate = call.Aggregate is null ? null : new FrameAggregate(call.Aggregate);
        Result = Column.Create(call.ResultType);
    }

    /// <summary>The results by row.</summary>
    public Column Result { get; }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => Result.MemoryBytes + (_aggregate?.MemoryBytes ?? 0) + _values.MemoryBytes;

    /// <summary>Computes the results of rows.</summary>
    public void Compute(ReadOnlySpan<Column> columns, WindowPartitions partitions)
    {
        for (var i = 0; i < _inputs.Length; i++)
            _arguments[i] = _inputs[i].Of(columns);
        Result.Reset(partitions.RowCount);
        if (_aggregate is not null)
        {
            _aggregate.Compute(_frame.Frames, partitions, _arguments, _filter?.Of(columns), Result);
            return;
        }

        var kind = _call.Function!.Kind;
        switch (kind)
        {
            case WindowFunctionKind.Lag or WindowFunctionKind.Lead:
                _values.Neighbour(kind == WindowFunctionKind.Lead, partitions, _arguments, Result);
                break;
            case WindowFunctionKind.FirstValue or WindowFunctionKind.LastValue or WindowFunctionKind.NthValue:
                _values.OfFrame(kind, _frame.Frames, partitions, _arguments, Result);
                break;
            default:
                RankFunctions.Compute(kind, partitions, _arguments.Length > 0 ? _arguments[0] : null, Result);
                break;
        }
    }
}
