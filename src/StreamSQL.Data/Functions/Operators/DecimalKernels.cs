using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Operators;

/// <summary>Multiplication of decimals; digits beyond the result's scale are rounded off.</summary>
internal sealed class MultiplyDecimalKernel(int drop, SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = new ValueReader<Int128>(arguments[0]);
        var right = new ValueReader<Int128>(arguments[1]);
        var target = ((FixedColumn<Int128>)result).Values;
        foreach (var row in context.Rows)
        {
            if (!DecimalMath.TryMultiply(left[row], right[row], drop, type.Precision, out target[row]))
                DecimalErrors.Overflow(context, row, result, type);
        }
    }
}

/// <summary>Division of decimals, rounded half away from zero to the result's scale.</summary>
internal sealed class DivideDecimalKernel(int shift, SqlType type) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var left = new ValueReader<Int128>(arguments[0]);
        var right = new ValueReader<Int128>(arguments[1]);
        var target = ((FixedColumn<Int128>)result).Values;
        foreach (var row in context.Rows)
        {
            if (right[row] == 0)
            {
                context.Errors.Report(row, PostgresErrorCodes.DivisionByZero, "division by zero");
                result.SetNull(row);
            }
            else if (!DecimalMath.TryDivide(left[row], right[row], shift, type.Precision, out target[row]))
            {
                DecimalErrors.Overflow(context, row, result, type);
            }
        }
    }
}
