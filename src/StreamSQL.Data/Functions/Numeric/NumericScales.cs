using System.Numerics;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// How many digits after the point PostgreSQL 15 gives to roots, exponentials, logarithms and powers of numeric: 16 that count, by an
/// estimate of where the result begins, and no fewer than the arguments have.
/// </summary>
internal static class NumericScales
{
    /// <summary>log10(e).</summary>
    public const double DigitsPerE = 0.434294481903252;

    private const double LnOfTen = 2.302585092994046;

    private static readonly NumericValue s_nearBelow = new((Int128)9, 1);
    private static readonly NumericValue s_nearAbove = new((Int128)11, 1);
    private static readonly NumericValue s_one = new(Int128.One, 0);

    /// <summary>Of a square root.</summary>
    public static int OfRoot(in NumericValue value) =>
        Clamp(NumericMath.SignificantDigits - 1 - (2 * NumericMath.LeadingGroup(value).Weight), value.Scale);

    /// <summary>Of e to a power.</summary>
    public static int OfExp(in NumericValue value)
    {
        var digits = Math.Clamp(value.ToDouble() * DigitsPerE, -NumericValue.MaxScale, NumericValue.MaxScale);
        return Clamp(NumericMath.SignificantDigits - (int)digits, value.Scale);
    }

    /// <summary>Of a natural logarithm.</summary>
    public static int OfLn(in NumericValue value) => Clamp(NumericMath.SignificantDigits - LnExponent(value), value.Scale);

    /// <summary>Of a logarithm to a base.</summary>
    public static int OfLog(in NumericValue numberBase, in NumericValue value) =>
        Clamp(NumericMath.SignificantDigits - LnExponent(value) + LnExponent(numberBase), Math.Max(numberBase.Scale, value.Scale));

    /// <summary>Of a whole power.</summary>
    public static int OfWholePower(in NumericValue numberBase) => Clamp(NumericMath.SignificantDigits, numberBase.Scale);

    /// <summary>Of any other power, whose natural logarithm is given.</summary>
    public static int OfPower(in NumericValue numberBase, in NumericValue exponent, double logarithm) =>
        Clamp(NumericMath.SignificantDigits - (int)(logarithm * DigitsPerE), Math.Max(numberBase.Scale, exponent.Scale));

    /// <summary>The place of the first digit of a natural logarithm, as a power of ten; 0 for ln(1).</summary>
    public static int LnExponent(in NumericValue value)
    {
        if (NumericValue.Compare(value, s_nearBelow) < 0 || NumericValue.Compare(value, s_nearAbove) > 0)
            return (int)Math.Log10(Math.Abs(Ln(value)));
        // Near 1 it is about what is above 1.
        return NumericMath.Exponent(NumericMath.Subtract(value, s_one));
    }

    /// <summary>The natural logarithm, as a double, of a number that is above zero (and may be beyond a double).</summary>
    public static double Ln(in NumericValue value) =>
        value.IsSmall ? Math.Log((double)value.Small) - (value.Scale * LnOfTen) : BigInteger.Log(value.Unscaled) - (value.Scale * LnOfTen);

    /// <summary>The logarithm to base 10 of a number's magnitude; 0 for 0.</summary>
    public static double Log10(in NumericValue value) => value.IsZero ? 0 : BigInteger.Log10(BigInteger.Abs(value.Unscaled)) - value.Scale;

    private static int Clamp(int scale, int least) => Math.Clamp(Math.Max(scale, least), 0, NumericMath.MaxResultScale);
}
