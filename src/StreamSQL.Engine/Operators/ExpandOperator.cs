using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>
/// Gives a row for each row of its table functions, side by side and padded with NULL; a row without a value, or for which no function
/// gives any, has none. Its place in the input is a row and a number in it, so that a row which gives millions is given out batch by batch.
/// </summary>
internal sealed class ExpandOperator : Operator
{
    // Elements and bytes that the repeated columns of one output batch may copy; a batch has one row at least.
    private const long MaxCopied = 1 << 22;

    // The number of a row that stands for none: no function gives so many.
    private const long Padding = long.MaxValue;

    private readonly OperatorContext _context;
    private readonly int[] _kept;
    private readonly TableFunctionKernel[] _kernels;
    private readonly ExpressionEvaluator[][] _evaluators;
    private readonly Column[][] _arguments;
    private readonly Column[] _columns;
    private readonly bool _isOuter;
    private readonly bool _hasOrdinality;
    private readonly ChangeBatch _output;
    private readonly FixedColumn<long> _rowTime = new(Data.Types.SqlType.BigInt);
    private readonly FixedColumn<long> _offsets = new(Data.Types.SqlType.BigInt);
    private readonly HeaderColumns _headers = new();
    private readonly EvaluationErrors _errors = new();
    private readonly int[] _rows = new int[ChangeBatch.MaxRows];
    private readonly long[] _ordinals = new long[ChangeBatch.MaxRows];
    private ChangeBatch? _input;
    private RowSelection _selection;
    private int[] _withValue = [];
    private int _position;
    private long _ordinal;
    private long _count;
    private bool _isPadding;

    /// <summary>Creates the operator.</summary>
    public ExpandOperator(OperatorContext context, LogicalExpand plan)
    {
        _context = context;
        _kept = [.. plan.Kept];
        _kernels = plan.Calls.Select(call => call.Binding.Kernel.In(context.Time)).ToArray();
        _evaluators = plan.Calls.Select(call => ExpressionEvaluator.CreateAll(call.Arguments, context)).ToArray();
        _arguments = plan.Calls.Select(static call => new Column[call.Arguments.Count]).ToArray();
        _columns = plan.Schema.Columns.Select(static column => Column.Create(column.Type)).ToArray();
        _output = new ChangeBatch(new Column[_columns.Length]);
        _isOuter = plan.IsOuter;
        _hasOrdinality = plan.HasOrdinality;
    }

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0)
    {
        _input = input;
        if (_withValue.Length < input.Selection.Count)
            _withValue = new int[Math.Max(input.Selection.Count, 64)];
        _selection = input.RowsHaving(ChangeFlags.HasNew, _withValue);
        for (var call = 0; call < _kernels.Length; call++)
        {
            for (var i = 0; i < _arguments[call].Length; i++)
                _arguments[call][i] = _evaluators[call][i].Evaluate(input, _selection);
        }

        _position = -1;
        _ordinal = _count = 0;
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">A row failed, and the context says that this ends the query.</exception>
    public override ChangeBatch? Pull()
    {
        if (_input is not { } input)
            return null;
        var count = Collect();
        if (_errors.Count > 0)
            ExpressionFailure.Handle(_errors, _context);
        _errors.Clear();
        if (count > 0)
            return Output(input, count);
        _input = null;
        return input.StreamTime is null ? null : Output(input, 0);
    }

    /// <summary>Writes down which values of which rows come next.</summary>
    private int Collect()
    {
        var count = 0;
        var copied = 0L;
        while (count < ChangeBatch.MaxRows && NextRow())
        {
            var row = _selection[_position];
            var size = 1 + SizeOf(row);
            var most = Math.Min(ChangeBatch.MaxRows - count, Math.Max(count == 0 ? 1 : 0, (MaxCopied - copied) / size));
            if (most == 0)
                break;
            var taken = (int)Math.Min(_count - _ordinal, most);
            _rows.AsSpan(count, taken).Fill(row);
            for (var i = 0; i < taken; i++)
                _ordinals[count + i] = _isPadding ? Padding : _ordinal + i;
            count += taken;
            copied += taken * size;
            _ordinal += taken;
        }

        return count;
    }

    /// <summary>Stays at the present row while it has values left; false when there is no row any more.</summary>
    private bool NextRow()
    {
        while (_ordinal == _count)
        {
            if (_position + 1 >= _selection.Count)
                return false;
            _position++;
            _ordinal = _count = 0;
            for (var call = 0; call < _kernels.Length; call++)
                _count = Math.Max(_count, _kernels[call].Count(_arguments[call], _selection[_position], _errors));
            _isPadding = _isOuter && _count == 0;
            if (_isPadding)
                _count = 1;
        }

        return true;
    }

    private long SizeOf(int row)
    {
        var size = 0L;
        foreach (var index in _kept)
        {
            var column = _input!.Columns[index];
            if (column.IsConstant || column.IsNull(row))
                continue;
            size += column is SlicedColumn slices ? slices.Lengths[row] : column is BytesColumn bytes ? bytes[row].Length : 0;
        }

        return size;
    }

    private ChangeBatch Output(ChangeBatch input, int count)
    {
        var rows = _rows.AsSpan(0, count);
        for (var i = 0; i < _kept.Length; i++)
            _output.Columns[i] = Repeated(input.Columns[_kept[i]], rows, _columns[i]);
        for (var call = 0; call < _kernels.Length; call++)
        {
            var result = _columns[_kept.Length + call];
            result.Reset(count);
            _kernels[call].Fill(_arguments[call], rows, _ordinals.AsSpan(0, count), result);
            _output.Columns[_kept.Length + call] = result;
        }

        if (_hasOrdinality)
            _output.Columns[^1] = Ordinality((FixedColumn<long>)_columns[^1], count);

        _output.TakeRowsFrom(input);
        _output.SetFlags(null);
        _output.RowCount = count;
        _output.Selection = RowSelection.All(count);
        _output.RowTime = (FixedColumn<long>)Repeated(input.RowTime, rows, _rowTime);
        if (input.Headers is { } headers)
            (_output.Headers = _headers).Take(headers, rows);
        _output.Offsets = input.Offsets is null ? null : (FixedColumn<long>)Repeated(input.Offsets, rows, _offsets);
        return _output;
    }

    private FixedColumn<long> Ordinality(FixedColumn<long> column, int count)
    {
        column.Reset(count);
        for (var i = 0; i < count; i++)
        {
            if (_ordinals[i] == Padding)
                column.SetNull(i);
            else
                column.Values[i] = _ordinals[i] + 1;
        }

        return column;
    }

    private static Column Repeated(Column source, ReadOnlySpan<int> rows, Column copy)
    {
        if (source.IsConstant)
            return source;
        copy.Reset(rows.Length);
        copy.Gather(source, rows, 0);
        return copy;
    }
}
