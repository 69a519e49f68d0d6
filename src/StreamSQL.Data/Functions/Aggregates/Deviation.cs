using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Numeric;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>Variance and standard deviation from a sum and a sum of squares, with the scales that PostgreSQL gives them.</summary>
internal static class Deviation
{
    /// <summary>Writes the result of a group.</summary>
    /// <param name="sum">The sum of the values.</param>
    /// <param name="squares">The sum of their squares.</param>
    /// <param name="count">How many values there are.</param>
    /// <param name="isSample">Whether one less than that is divided by.</param>
    /// <param name="isRoot">Whether the result is the square root: the standard deviation.</param>
    /// <param name="output">Where to.</param>
    /// <param name="at">The row.</param>
    public static void Write(
        in NumericValue sum, in NumericValue squares, long count, bool isSample, bool isRoot, BytesColumn output, int at)
    {
        if (count < (isSample ? 2 : 1))
            output.SetNull(at);
        else
            NumericColumns.Set(output, at, Of(sum, squares, count, isSample, isRoot));
    }

    // (n * sum of squares - square of the sum) / (n * (n or n - 1))
    private static NumericValue Of(in NumericValue sum, in NumericValue squares, long count, bool isSample, bool isRoot)
    {
        if (!sum.IsFinite)
            return NumericValue.NaN;
        var dividend = NumericMath.Subtract(NumericMath.Multiply(squares, new((Int128)count, 0)), NumericMath.Multiply(sum, sum));
        if (dividend.Sign <= 0)
            return new(Int128.Zero, 0);
        var variance = NumericMath.Divide(dividend, new((Int128)count * (isSample ? count - 1 : count), 0));
        return isRoot ? NumericSeries.Sqrt(variance, variance.Scale) : variance;
    }
}
