using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>
/// Reads exact numbers of any type (integers, DECIMAL, numeric) as numeric, so that operators need no cast in front of them.
/// </summary>
internal static class ExactNumbers
{
    /// <summary>The value of a row that is not null.</summary>
    public static NumericValue Get(Column column, int row) => column switch
    {
        BytesColumn numbers => NumericColumns.Get(numbers, row),
        FixedColumn<Int128> decimals => new(decimals[row], column.Type.Scale),
        FixedColumn<long> longs => new((Int128)longs[row], 0),
        FixedColumn<int> integers => new((Int128)integers[row], 0),
        _ => throw new InvalidOperationException($"values of type {column.Type} are no exact numbers"),
    };

    /// <summary>
    /// The type under which an operator on numeric takes an argument: an exact number's own, numeric for a constant without a type; else
    /// null.
    /// </summary>
    public static SqlType? Parameter(SqlType type) =>
        type.Kind == SqlTypeKind.Unknown ? SqlType.Numeric : TypeCoercion.IsExact(type) ? type : null;

    /// <summary>The parameters of two arguments; null where an operator on numeric does not take them.</summary>
    public static SqlType[]? Parameters(SqlType left, SqlType right) =>
        Parameter(left) is { } a && Parameter(right) is { } b ? [a, b] : null;

    /// <summary>Whether it is a DECIMAL or a numeric, which make a function of numbers one of numerics.</summary>
    public static bool IsDecimal(SqlType type) => type.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric;
}

/// <summary>Compares exact numbers, at least one of them a numeric, whatever their scales; null in, null out.</summary>
internal sealed class CompareNumericKernel<TTest> : StrictKernel
    where TTest : struct, IOrderTest
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var (left, right) = (arguments[0], arguments[1]);
        var target = ((FixedColumn<byte>)result).Values;
        if (right.IsConstant && context.Rows.Count > 0)
        {
            var constant = ExactNumbers.Get(right, 0);
            var near = NumericMath.Round(constant, left.Type.Scale, NumericRounding.Zero);
            var isExact = near is { IsFinite: true, IsSmall: true } && NumericValue.Compare(near, constant) == 0;
            if (isExact && left is FixedColumn<Int128> decimals)
            {
                foreach (var row in context.Rows)
                    target[row] = (byte)(TTest.Passes(decimals[row].CompareTo(near.Small)) ? 1 : 0);
                return;
            }

            foreach (var row in context.Rows)
                target[row] = (byte)(TTest.Passes(NumericValue.Compare(ExactNumbers.Get(left, row), constant)) ? 1 : 0);
            return;
        }

        foreach (var row in context.Rows)
            target[row] = (byte)(TTest.Passes(NumericValue.Compare(ExactNumbers.Get(left, row), ExactNumbers.Get(right, row))) ? 1 : 0);
    }
}
