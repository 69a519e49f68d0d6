using System.Globalization;
using System.Numerics;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Types;

/// <summary>
/// Exact arithmetic on unscaled decimal values of up to 38 digits. Rounding is half away from zero (HALF_UP), which both ksqlDB's
/// casts and PostgreSQL's numeric use. A result of more than 38 digits is refused, never cut.
/// </summary>
public static class DecimalMath
{
    private static readonly Int128[] Powers = MakePowers();

    /// <summary>10 to the power of <paramref name="exponent"/>, 0..38.</summary>
    public static Int128 PowerOfTen(int exponent) => Powers[exponent];

    /// <summary>Whether a value has at most <paramref name="precision"/> digits.</summary>
    public static bool Fits(Int128 unscaled, int precision)
    {
        var bound = Powers[precision];
        return unscaled < bound && unscaled > -bound;
    }

    /// <summary>
    /// Changes the scale, rounding half away from zero; false when the result has more than <paramref name="precision"/> digits.
    /// </summary>
    public static bool TryRescale(Int128 unscaled, int scale, int newScale, int precision, out Int128 result)
    {
        if (newScale <= scale)
        {
            result = DivideRounded(unscaled, scale - newScale);
            return Fits(result, precision);
        }

        var shift = newScale - scale;
        if (shift > SqlType.MaxPrecision || !Fits(unscaled, Math.Max(0, SqlType.MaxPrecision - shift)))
        {
            result = 0;
            return unscaled == 0;
        }

        result = unscaled * Powers[shift];
        return Fits(result, precision);
    }

    /// <summary>Divides by a power of ten, rounding half away from zero.</summary>
    public static Int128 DivideRounded(Int128 value, int digits)
    {
        if (digits == 0)
            return value;
        if (digits > SqlType.MaxPrecision)
            return 0;
        var power = Powers[digits];
        var (quotient, remainder) = Int128.DivRem(value, power);
        var rest = Int128.Abs(remainder);
        if (rest >= power - rest)
            quotient += value < 0 ? -1 : 1;
        return quotient;
    }

    /// <summary>
    /// <c>left * right / 10^drop</c>, exact until the rounding at the end; false when it has more than <paramref name="precision"/> digits.
    /// </summary>
    public static bool TryMultiply(Int128 left, Int128 right, int drop, int precision, out Int128 result)
    {
        if (drop == 0 && left == (long)left && right == (long)right)
        {
            result = left * right;
            return Fits(result, precision);
        }

        var product = (BigInteger)left * right;
        return TryRound(product, BigInteger.Pow(10, drop), precision, out result);
    }

    /// <summary>
    /// <c>left * 10^shift / right</c>, rounded half away from zero; false when it has more than <paramref name="precision"/> digits.
    /// The divisor is not zero.
    /// </summary>
    public static bool TryDivide(Int128 left, Int128 right, int shift, int precision, out Int128 result)
    {
        if (shift is >= 0 and <= SqlType.MaxPrecision && Fits(left, SqlType.MaxPrecision - shift))
        {
            var scaled = left * Powers[shift];
            var (quotient, remainder) = Int128.DivRem(scaled, right);
            var rest = Int128.Abs(remainder);
            if (rest >= Int128.Abs(right) - rest)
                quotient += (scaled < 0) ^ (right < 0) ? -1 : 1;
            result = quotient;
            return Fits(result, precision);
        }

        var dividend = (BigInteger)left;
        var divisor = (BigInteger)right;
        if (shift >= 0)
            dividend *= BigInteger.Pow(10, shift);
        else
            divisor *= BigInteger.Pow(10, -shift);
        return TryRound(dividend, divisor, precision, out result);
    }

    /// <summary>
    /// The nearest decimal of a scale, rounding half away from zero; false when it has more than <paramref name="precision"/> digits.
    /// </summary>
    /// <remarks>Goes through the shortest text of the double, as Java's <c>BigDecimal.valueOf</c> does.</remarks>
    public static bool TryFromDouble(double value, int precision, int scale, out Int128 result)
    {
        Span<byte> text = stackalloc byte[40];
        result = 0;
        return double.IsFinite(value)
            && value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture)
            && DecimalText.TryParse(text[..length], precision, scale, out result) == ParseResult.Ok;
    }

    /// <summary>The nearest double.</summary>
    public static double ToDouble(Int128 unscaled, int scale)
    {
        if (scale == 0)
            return (double)unscaled;
        if (scale <= 22 && unscaled <= 1L << 53 && unscaled >= -(1L << 53))
            return (double)unscaled / (double)Powers[scale];
        Span<byte> text = stackalloc byte[DecimalText.MaxLength];
        var length = DecimalText.Write(text, unscaled, scale);
        return double.Parse(text[..length], CultureInfo.InvariantCulture);
    }

    private static bool TryRound(BigInteger dividend, BigInteger divisor, int precision, out Int128 result)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        if (BigInteger.Abs(remainder) * 2 >= BigInteger.Abs(divisor))
            quotient += dividend.Sign * divisor.Sign;
        if (BigInteger.Abs(quotient) >= (BigInteger)Powers[precision])
        {
            result = 0;
            return false;
        }

        result = (Int128)quotient;
        return true;
    }

    private static Int128[] MakePowers()
    {
        var powers = new Int128[SqlType.MaxPrecision + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
