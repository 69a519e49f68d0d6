using System.Globalization;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators;

/// <summary>Gives the rows of a function in FROM: generate_series or unnest, with their numbers as a second column where the plan has one.</summary>
internal sealed class TableFunctionSource : Operator
{
    private readonly LogicalFunctionScan _scan;
    private readonly OperatorContext _context;
    private readonly ChangeBatch _output;
    private IEnumerator<object?>? _values;
    private long _number;

    /// <summary>Creates the source.</summary>
    public TableFunctionSource(LogicalFunctionScan scan, OperatorContext context)
    {
        _scan = scan;
        _context = context;
        _output = new ChangeBatch(scan.Schema.Columns.Select(static column => column.Type).ToArray()) { Partition = context.Partition };
    }

    /// <inheritdoc/>
    public override void Push(ChangeBatch input, int port = 0) => throw new InvalidOperationException("a function in FROM has no input");

    /// <inheritdoc/>
    /// <exception cref="SqlException">22023: a step of zero; or an argument could not be computed.</exception>
    public override ChangeBatch? Pull()
    {
        _values ??= Values().GetEnumerator();
        var count = 0;
        _output.Reset(ChangeBatch.MaxRows);
        while (count < ChangeBatch.MaxRows && _values.MoveNext())
        {
            ColumnWriter.Write(_output.Columns[0], count, _values.Current);
            _number++;
            if (_output.Columns.Length > 1)
                ColumnWriter.Write(_output.Columns[1], count, _number);
            count++;
        }

        if (count == 0)
            return null;
        _output.RowCount = count;
        _output.Selection = RowSelection.All(count);
        _output.RowTime.Values.AsSpan(0, count).Fill(_context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return _output;
    }

    private IEnumerable<object?> Values()
    {
        var arguments = _scan.Arguments.Select(argument => ExpressionEvaluator.EvaluateConstant(argument, _context)).ToArray();
        if (arguments.Any(static argument => argument is null))
            return [];
        return _scan.Function == "unnest" ? (object?[])arguments[0]! : Series(arguments!);
    }

    private IEnumerable<object?> Series(object[] arguments)
    {
        var (start, stop) = (Number(arguments[0]), Number(arguments[1]));
        var step = arguments.Length > 2 ? Number(arguments[2]) : 1;
        if (step == 0)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "step size cannot equal zero");
        var isInteger = _scan.Schema.Columns[0].Type.Kind == SqlTypeKind.Integer;
        // Int128 steps past the last value without wrapping around.
        for (Int128 value = start; step > 0 ? value <= stop : value >= stop; value += step)
            yield return isInteger ? (int)value : (object)(long)value;
    }

    private static long Number(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
