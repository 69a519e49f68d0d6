using System.Numerics;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>
/// Roots, powers, exponentials and logarithms of numbers, right but for the last digit at any scale: computed as whole numbers of a small
/// unit, with
/// <see cref="Guard"/> digits more than are wanted.
/// </summary>
internal static class NumericSeries
{
    /// <summary>The smallest exponent whose power of e PostgreSQL refuses, whatever the result's room.</summary>
    public const int MaxExponent = 6000;

    private const int Guard = 12;

    private static Constant? s_ln2;

    private sealed record Constant(int Digits, BigInteger Value);

    /// <summary>The square root, to the scale, of a number that is not negative.</summary>
    public static NumericValue Sqrt(in NumericValue value, int scale)
    {
        // sqrt(u / 10^s) * 10^r = sqrt(u * 10^(2r - s))
        var shift = (2 * scale) - value.Scale;
        var square = shift >= 0 ? value.Unscaled * NumericMath.PowerOfTen(shift) : value.Unscaled / NumericMath.PowerOfTen(-shift);
        var root = WholeRoot(square);
        return new(square - (root * root) > root ? root + 1 : root, scale);
    }

    /// <summary>e to the power of a number, to the scale; null where that is too large.</summary>
    public static NumericValue? Exp(in NumericValue value, int scale)
    {
        var approximate = value.ToDouble();
        if (Math.Abs(approximate) >= MaxExponent)
            return approximate > 0 ? null : new NumericValue(Int128.Zero, scale);
        var digits = scale + Guard + Math.Max(0, (int)(approximate * NumericScales.DigitsPerE));
        return Rounded(Exp(Fixed(value, digits), digits), digits, scale);
    }

    /// <summary>The natural logarithm, to the scale, of a number above zero.</summary>
    public static NumericValue Ln(in NumericValue value, int scale) =>
        Rounded(Ln(value.Unscaled, value.Scale, scale + Guard), scale + Guard, scale);

    /// <summary>The logarithm to a base, to the scale; both are above zero, and the base is not 1.</summary>
    public static NumericValue Log(in NumericValue numberBase, in NumericValue value, int scale)
    {
        // A logarithm near 0 begins with zeros, which are no digits to divide by.
        var (first, firstOfBase) = (NumericScales.LnExponent(value), NumericScales.LnExponent(numberBase));
        var digits = scale + (2 * Guard) + Math.Max(0, -firstOfBase) + Math.Max(0, first);
        var (dividend, divisor) = (Ln(value.Unscaled, value.Scale, digits), Ln(numberBase.Unscaled, numberBase.Scale, digits));
        return new(NumericMath.Quotient(dividend * NumericMath.PowerOfTen(scale), divisor, NumericRounding.Nearest), scale);
    }

    /// <summary>
    /// A number to a power that is not whole, to the scale; the base is above zero. Null where that is too large.
    /// </summary>
    public static NumericValue? Power(in NumericValue numberBase, in NumericValue exponent, int scale)
    {
        // ln(base) * exponent needs as many more digits as the exponent and the result have before the point.
        var whole = Math.Max(0, NumericMath.Exponent(exponent) + 1);
        var before = (int)(NumericScales.Ln(numberBase) * exponent.ToDouble() * NumericScales.DigitsPerE);
        var digits = scale + (2 * Guard) + whole + Math.Max(0, before);
        var logarithm = Ln(numberBase.Unscaled, numberBase.Scale, digits + whole);
        var product = NumericMath.DropDigits(logarithm * exponent.Unscaled, whole + exponent.Scale, NumericRounding.Nearest);
        return Rounded(Exp(product, digits), digits, scale);
    }

    /// <summary>A number to a whole power, to the scale. The base is not zero where the exponent is negative.</summary>
    public static NumericValue WholePower(in NumericValue numberBase, int exponent, int scale)
    {
        // How many digits the power has before the point decides how many of a factor count.
        var before = (int)Math.Clamp(NumericScales.Log10(numberBase) * exponent, -NumericValue.MaxWholeDigits, NumericValue.MaxWholeDigits);
        var digits = Math.Max(0, before) + scale + (2 * Guard);
        var (result, result10) = (BigInteger.One, 0L);
        var (factor, factor10) = (numberBase.Unscaled, -(long)numberBase.Scale);
        for (var rest = (uint)Math.Abs((long)exponent); rest > 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
                (result, result10) = Shorten(result * factor, result10 + factor10, digits);
            if (rest > 1)
                (factor, factor10) = Shorten(factor * factor, 2 * factor10, digits);
        }

        if (exponent < 0)
        {
            // 1 / (result * 10^result10) to so many digits.
            var shift = digits + (int)Math.Max(0, NumericMath.CountDigits(new NumericValue(result, 0)));
            (result, result10) = (NumericMath.Quotient(NumericMath.PowerOfTen(shift), result, NumericRounding.Nearest), -shift - result10);
        }

        var move = result10 + scale;
        return move >= 0
            ? new(result * NumericMath.PowerOfTen((int)move), scale)
            : new(NumericMath.DropDigits(result, (int)Math.Min(int.MaxValue, -move), NumericRounding.Nearest), scale);
    }

    /// <summary>The whole part of a square root.</summary>
    private static BigInteger WholeRoot(BigInteger value)
    {
        if (value.IsZero)
            return value;
        // Newton's method from above: it ends where the guess no longer falls.
        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }

    private static (BigInteger Value, long Power) Shorten(BigInteger value, long power, int digits)
    {
        var excess = (int)(BigInteger.Abs(value).GetBitLength() * 0.30103) - digits;
        return excess <= 0
            ? (value, power)
            : (NumericMath.Quotient(value, NumericMath.PowerOfTen(excess), NumericRounding.Nearest), power + excess);
    }

    private static BigInteger Fixed(in NumericValue value, int digits) => value.Scale <= digits
        ? NumericMath.AtScale(value, digits)
        : NumericMath.DropDigits(value.Unscaled, value.Scale - digits, NumericRounding.Nearest);

    private static NumericValue Rounded(BigInteger value, int digits, int scale) =>
        new(NumericMath.DropDigits(value, digits - scale, NumericRounding.Nearest), scale);

    /// <summary>e to the power of <c>value / 10^digits</c>, in the same unit.</summary>
    private static BigInteger Exp(BigInteger value, int digits)
    {
        var one = NumericMath.PowerOfTen(digits);
        var ln2 = Ln2(digits);
        var shift = (int)BigInteger.Divide(value, ln2);
        var rest = value - (shift * ln2);
        var (sum, term) = (one, one);
        for (var n = 1; !term.IsZero; n++)
        {
            term = term * rest / (one * n);
            sum += term;
        }

        return shift >= 0 ? sum << shift : sum >> -shift;
    }

    /// <summary>ln(unscaled / 10^scale) in units of 10^-digits.</summary>
    private static BigInteger Ln(BigInteger unscaled, int scale, int digits)
    {
        digits += Guard;
        var one = NumericMath.PowerOfTen(digits);
        // mantissa * 2^shift with the mantissa near 1, where the series is short.
        var shift = (int)(unscaled.GetBitLength() - NumericMath.PowerOfTen(scale).GetBitLength());
        var (dividend, divisor) = (unscaled * one, NumericMath.PowerOfTen(scale));
        var mantissa = shift >= 0 ? dividend / (divisor << shift) : (dividend << -shift) / divisor;
        var result = (shift * Ln2(digits)) + (2 * Atanh((mantissa - one) * one / (mantissa + one), one));
        return NumericMath.DropDigits(result, Guard, NumericRounding.Nearest);
    }

    private static BigInteger Ln2(int digits)
    {
        // Several threads may compute it at a time; each has a whole one.
        var known = Volatile.Read(ref s_ln2);
        if (known is null || known.Digits < digits)
        {
            var one = NumericMath.PowerOfTen(digits + Guard);
            known = new(digits, 2 * Atanh(one / 3, one) / NumericMath.PowerOfTen(Guard));
            Volatile.Write(ref s_ln2, known);
        }

        return known.Value / NumericMath.PowerOfTen(known.Digits - digits);
    }

    /// <summary>The series z + z^3/3 + z^5/5 + ...</summary>
    private static BigInteger Atanh(BigInteger z, BigInteger one)
    {
        var square = z * z / one;
        var (sum, power) = (z, z);
        for (var n = 3; !power.IsZero; n += 2)
        {
            power = power * square / one;
            sum += power / n;
        }

        return sum;
    }
}
