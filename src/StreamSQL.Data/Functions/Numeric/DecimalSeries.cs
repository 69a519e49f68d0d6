using System.Numerics;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// Roots, powers, exponentials and logarithms of decimals, as whole numbers of 10^-<see cref="Digits"/>: enough guard digits that a result of 38 digits is right but
/// for its last one.
/// </summary>
internal static class DecimalSeries
{
    /// <summary>Digits after the point of the numbers here.</summary>
    public const int Digits = 60;

    /// <summary>Digits after the point of results.</summary>
    public const int ResultScale = 16;

    // Beyond it the result has more digits than any DECIMAL.
    private const int MaxExponent = 100;

    private static readonly BigInteger s_one = BigInteger.Pow(10, Digits);
    private static readonly BigInteger s_ln2 = 2 * Atanh(s_one / 3);

    /// <summary>The type of results.</summary>
    public static SqlType ResultType { get; } = SqlType.Decimal(SqlType.MaxPrecision, ResultScale);

    /// <summary>A decimal's value.</summary>
    public static BigInteger Of(Int128 unscaled, int scale) => (BigInteger)unscaled * BigInteger.Pow(10, Digits - scale);

    /// <summary>As a decimal of <see cref="ResultType"/>; false when it is too large.</summary>
    public static bool TryRound(BigInteger value, out Int128 unscaled)
    {
        var drop = BigInteger.Pow(10, Digits - ResultScale);
        var quotient = BigInteger.DivRem(value, drop, out var rest);
        if (BigInteger.Abs(rest) * 2 >= drop)
            quotient += value.Sign;
        var fits = BigInteger.Abs(quotient) < (BigInteger)DecimalMath.PowerOfTen(SqlType.MaxPrecision);
        unscaled = fits ? (Int128)quotient : 0;
        return fits;
    }

    /// <summary>The square root of a number that is not negative.</summary>
    public static BigInteger Sqrt(BigInteger value)
    {
        var square = value * s_one;
        if (square.IsZero)
            return square;
        var root = BigInteger.One << (int)((square.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (square / root)) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }

    /// <summary>The natural logarithm of a number above zero.</summary>
    public static BigInteger Ln(BigInteger value)
    {
        // value = mantissa * 2^shift with the mantissa near 1, where the series is short.
        var shift = (int)(value.GetBitLength() - s_one.GetBitLength());
        var mantissa = shift >= 0 ? value >> shift : value << -shift;
        return (shift * s_ln2) + (2 * Atanh((mantissa - s_one) * s_one / (mantissa + s_one)));
    }

    /// <summary>e to the power of a number; null when that is too large.</summary>
    public static BigInteger? Exp(BigInteger value)
    {
        if (value > MaxExponent * s_one)
            return null;
        if (value < -MaxExponent * s_one * 2)
            return BigInteger.Zero;
        var shift = (int)BigInteger.Divide(value, s_ln2);
        var rest = value - (shift * s_ln2);
        var (sum, term) = (s_one, s_one);
        for (var n = 1; !term.IsZero; n++)
        {
            term = term * rest / (s_one * n);
            sum += term;
        }

        return shift >= 0 ? sum << shift : sum >> -shift;
    }

    /// <summary>A number to the power of another; null when that is too large. The base is not zero, and above zero unless the exponent is whole.</summary>
    public static BigInteger? Power(BigInteger numberBase, BigInteger exponent)
    {
        var isWhole = (exponent % s_one).IsZero;
        var magnitude = Ln(BigInteger.Abs(numberBase));
        if (isWhole && BigInteger.Abs(exponent) <= s_one * 1000 && BigInteger.Abs(magnitude * exponent / s_one) < MaxExponent * s_one)
        {
            var power = Whole(numberBase, (int)(BigInteger.Abs(exponent) / s_one));
            return exponent.Sign >= 0 ? power : power.IsZero ? null : s_one * s_one / power;
        }

        var result = Exp(magnitude * exponent / s_one);
        return numberBase.Sign < 0 && !(exponent / s_one).IsEven ? -result : result;
    }

    /// <summary>Whether a number has nothing after the point.</summary>
    public static bool IsWhole(BigInteger value) => (value % s_one).IsZero;

    /// <summary>One number by another that is not zero.</summary>
    public static BigInteger Divide(BigInteger dividend, BigInteger divisor) => dividend * s_one / divisor;

    private static BigInteger Whole(BigInteger numberBase, int exponent)
    {
        var result = s_one;
        for (var square = numberBase; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
                result = result * square / s_one;
            square = square * square / s_one;
        }

        return result;
    }

    /// <summary>The series z + z^3/3 + z^5/5 + ...</summary>
    private static BigInteger Atanh(BigInteger z)
    {
        var square = z * z / s_one;
        var (sum, power) = (z, z);
        for (var n = 3; !power.IsZero; n += 2)
        {
            power = power * square / s_one;
            sum += power / n;
        }

        return sum;
    }
}
