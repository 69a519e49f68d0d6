using System.Globalization;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>The rows of a function in FROM: generate_series and unnest. A null argument gives none.</summary>
internal sealed class FunctionRows(LogicalFunctionScan scan, OperatorContext context) : RowSource
{
    private readonly ChangeBatch _batch = new(scan.Schema.Columns.Select(static column => column.Type).ToArray());
    private IEnumerator<object?>? _values;

    /// <inheritdoc/>
    public override ValueTask OpenAsync(CancellationToken cancellation)
    {
        var arguments = scan.Arguments.Select(argument => ExpressionEvaluator.EvaluateConstant(argument, context)).ToArray();
        var values = scan.Function switch
        {
            _ when arguments.Contains(null) => [],
            "generate_series" => Series([.. arguments.Select(static argument => Convert.ToInt64(argument, CultureInfo.InvariantCulture))], arguments[0] is int),
            "unnest" => (object?[])arguments[0]!,
            _ => throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"function {scan.Function} cannot be used in FROM"),
        };
        _values = values.GetEnumerator();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _batch.Reset(ChangeBatch.MaxRows);
        var count = 0;
        while (count < ChangeBatch.MaxRows && _values!.MoveNext())
            ColumnWriter.Write(_batch.Columns[0], count++, _values.Current);
        if (count == 0)
            return ValueTask.FromResult<ChangeBatch?>(null);
        _batch.RowTime.Values.AsSpan(0, count).Clear();
        _batch.RowCount = count;
        _batch.Selection = RowSelection.All(count);
        return ValueTask.FromResult<ChangeBatch?>(_batch);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _values?.Dispose();
        return base.DisposeAsync();
    }

    private static IEnumerable<object?> Series(long[] arguments, bool isInteger)
    {
        var step = arguments.Length == 3 ? arguments[2] : 1;
        if (step == 0)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "step size cannot equal zero");
        for (Int128 value = arguments[0]; step > 0 ? value <= arguments[1] : value >= arguments[1]; value += step)
            yield return isInteger ? (int)value : (object)(long)value;
    }
}
