using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>
/// generate_series of numeric: the first value is the start as it is, the others have the larger scale of start and step.
/// </summary>
internal sealed class NumericSeriesKernel : TableFunctionKernel
{
    private static readonly NumericValue s_one = new(Int128.One, 0);
    private static readonly string[] s_names = ["start value", "stop value", "step size"];

    /// <inheritdoc/>
    public override long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors)
    {
        foreach (var argument in arguments)
        {
            if (argument.IsNull(row))
                return 0;
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (ExactNumbers.Get(arguments[i], row) is not { IsFinite: false } value)
                continue;
            errors.Report(row, PostgresErrorCodes.InvalidParameterValue, $"{s_names[i]} cannot be {(value.IsNaN ? "NaN" : "infinity")}");
            return 0;
        }

        var (start, stop, step) = (ExactNumbers.Get(arguments[0], row), ExactNumbers.Get(arguments[1], row), Step(arguments, row));
        if (step.IsZero)
        {
            errors.Report(row, PostgresErrorCodes.InvalidParameterValue, "step size cannot equal zero");
            return 0;
        }

        if (NumericValue.Compare(start, stop) * step.Sign > 0)
            return 0;
        var steps = NumericMath.Divide(NumericMath.Subtract(stop, start), step, 0, NumericRounding.Zero).Unscaled;
        return steps >= long.MaxValue ? long.MaxValue : (long)steps + 1;
    }

    /// <inheritdoc/>
    public override void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (HasNull(arguments, rows[i]) || Value(arguments, rows[i], ordinals[i]) is not { } value)
                result.SetNull(i);
            else
                NumericColumns.Set((BytesColumn)result, i, value);
        }
    }

    /// <summary>The value of a number; null behind the end, and where there is no series.</summary>
    private static NumericValue? Value(ReadOnlySpan<Column> arguments, int row, long ordinal)
    {
        var (start, stop, step) = (ExactNumbers.Get(arguments[0], row), ExactNumbers.Get(arguments[1], row), Step(arguments, row));
        if (!start.IsFinite || !stop.IsFinite || !step.IsFinite || step.IsZero)
            return null;
        var value = ordinal == 0 ? start : NumericMath.Add(start, NumericMath.Multiply(step, new((Int128)ordinal, 0)));
        return NumericValue.Compare(value, stop) * step.Sign > 0 ? null : value;
    }

    private static NumericValue Step(ReadOnlySpan<Column> arguments, int row) =>
        arguments.Length > 2 ? ExactNumbers.Get(arguments[2], row) : s_one;

    private static bool HasNull(ReadOnlySpan<Column> arguments, int row)
    {
        var isNull = false;
        foreach (var argument in arguments)
            isNull |= argument.IsNull(row);
        return isNull;
    }
}
