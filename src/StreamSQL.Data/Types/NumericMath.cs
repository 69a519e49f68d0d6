using System.Numerics;

namespace StreamSQL.Data.Types;

/// <summary>Which way digits are dropped.</summary>
public enum NumericRounding : byte
{
    /// <summary>To the nearest, halves away from zero.</summary>
    Nearest,

    /// <summary>Towards zero.</summary>
    Zero,

    /// <summary>Upwards.</summary>
    Ceiling,

    /// <summary>Downwards.</summary>
    Floor,
}

/// <summary>
/// Arithmetic of numeric with the scales that PostgreSQL 15 gives to results: a sum has the larger scale of both sides, a product the sum
/// of both, a quotient as many digits as <see cref="QuotientScale"/> says.
/// </summary>
public static class NumericMath
{
    /// <summary>Digits that a quotient, a root or a logarithm has at least.</summary>
    public const int SignificantDigits = 16;

    /// <summary>The most digits after the point that a quotient, a root or a logarithm is computed to.</summary>
    public const int MaxResultScale = 1000;

    /// <summary>Where numbers begin that need more than 38 digits.</summary>
    internal static readonly BigInteger SmallBound = BigInteger.Pow(10, SqlType.MaxPrecision);

    // PostgreSQL counts digits in groups of four; its results' scales show it.
    private const int GroupDigits = 4;

    /// <summary>10 to a power.</summary>
    public static BigInteger PowerOfTen(int exponent) =>
        exponent <= SqlType.MaxPrecision ? DecimalMath.PowerOfTen(exponent) : BigInteger.Pow(10, exponent);

    /// <summary>The sum.</summary>
    public static NumericValue Add(in NumericValue left, in NumericValue right)
    {
        if (left.IsFinite && right.IsFinite)
        {
            var scale = Math.Max(left.Scale, right.Scale);
            return TryAlign(left, right, scale, out var a, out var b)
                ? new(a + b, scale)
                : new(AtScale(left, scale) + AtScale(right, scale), scale);
        }

        if (left.IsNaN || right.IsNaN || (left.IsInfinity && right.IsInfinity && left.Kind != right.Kind))
            return NumericValue.NaN;
        return left.IsInfinity ? left : right;
    }

    /// <summary>The opposite sign.</summary>
    public static NumericValue Negate(in NumericValue value) => value.Kind switch
    {
        NumericKind.Finite => value.IsSmall ? new(-value.Small, value.Scale) : new(-value.Unscaled, value.Scale),
        NumericKind.PositiveInfinity => NumericValue.NegativeInfinity,
        NumericKind.NegativeInfinity => NumericValue.PositiveInfinity,
        _ => value,
    };

    /// <summary>The difference.</summary>
    public static NumericValue Subtract(in NumericValue left, in NumericValue right) => Add(left, Negate(right));

    /// <summary>The product; NaN of zero and an infinity.</summary>
    public static NumericValue Multiply(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return SpecialProduct(left, right);
        var scale = left.Scale + right.Scale;
        if (left.IsSmall && right.IsSmall && IsLong(left.Small) && IsLong(right.Small) && scale <= NumericValue.MaxScale)
            return new(left.Small * right.Small, scale);
        var product = left.Unscaled * right.Unscaled;
        return scale <= NumericValue.MaxScale
            ? new(product, scale)
            : new(DropDigits(product, scale - NumericValue.MaxScale, NumericRounding.Nearest), NumericValue.MaxScale);
    }

    /// <summary>The quotient, to <see cref="QuotientScale"/> digits; the divisor is not zero. NaN of two infinities.</summary>
    public static NumericValue Divide(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            if (left.IsNaN || right.IsNaN || (left.IsInfinity && right.IsInfinity))
                return NumericValue.NaN;
            return right.IsInfinity ? new(Int128.Zero, 0) : right.Sign < 0 ? Negate(left) : left;
        }

        return Divide(left, right, QuotientScale(left, right), NumericRounding.Nearest);
    }

    /// <summary>The quotient of two numbers to a scale; the divisor is not zero.</summary>
    public static NumericValue Divide(in NumericValue left, in NumericValue right, int scale, NumericRounding rounding)
    {
        var shift = scale - left.Scale + right.Scale;
        if (left.IsSmall && right.IsSmall && shift is >= 0 and <= SqlType.MaxPrecision
            && DecimalMath.Fits(left.Small, SqlType.MaxPrecision - shift))
            return new(Quotient(left.Small * DecimalMath.PowerOfTen(shift), right.Small, rounding), scale);
        var (dividend, divisor) = (left.Unscaled, right.Unscaled);
        if (shift >= 0)
            dividend *= PowerOfTen(shift);
        else
            divisor *= PowerOfTen(-shift);
        return new(Quotient(dividend, divisor, rounding), scale);
    }

    /// <summary>
    /// Digits after the point of a quotient: at least 16 that count, and no fewer than either side has. They are counted in groups of four
    /// from the point, so that a quotient has 16 to 20 of them.
    /// </summary>
    public static int QuotientScale(in NumericValue left, in NumericValue right)
    {
        var (weight, first) = LeadingGroup(left);
        var (otherWeight, otherFirst) = LeadingGroup(right);
        var groups = weight - otherWeight - (first <= otherFirst ? 1 : 0);
        var scale = Math.Max(SignificantDigits - (groups * GroupDigits), Math.Max(left.Scale, right.Scale));
        return Math.Clamp(scale, 0, MaxResultScale);
    }

    /// <summary>The remainder with the sign of the dividend; the divisor is not zero.</summary>
    public static NumericValue Remainder(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return left.IsFinite && right.IsInfinity ? left : NumericValue.NaN;
        var scale = Math.Max(left.Scale, right.Scale);
        return TryAlign(left, right, scale, out var a, out var b)
            ? new(a % b, scale)
            : new(BigInteger.Remainder(AtScale(left, scale), AtScale(right, scale)), scale);
    }

    /// <summary>
    /// The number with that many digits after the point (fewer than none: zeros before it, and the scale 0). What is no number stays.
    /// </summary>
    public static NumericValue Round(in NumericValue value, int digits, NumericRounding rounding)
    {
        if (!value.IsFinite || digits == value.Scale)
            return value;
        digits = Math.Clamp(digits, -NumericValue.MaxWholeDigits - 1, NumericValue.MaxScale);
        var scale = Math.Max(digits, 0);
        if (digits > value.Scale)
        {
            var shift = digits - value.Scale;
            return value.IsSmall && shift <= SqlType.MaxPrecision && DecimalMath.Fits(value.Small, SqlType.MaxPrecision - shift)
                ? new(value.Small * DecimalMath.PowerOfTen(shift), scale)
                : new(value.Unscaled * PowerOfTen(shift), scale);
        }

        var drop = value.Scale - digits;
        if (value.IsSmall && drop <= SqlType.MaxPrecision && digits >= 0)
            return new(Quotient(value.Small, DecimalMath.PowerOfTen(drop), rounding), scale);
        if (value.IsZero)
            return new(Int128.Zero, scale);
        var rounded = DropDigits(value.Unscaled, drop, rounding);
        return new(digits < 0 ? rounded * PowerOfTen(-digits) : rounded, scale);
    }

    /// <summary>Digits after the point without zeros at the end.</summary>
    public static int MinScale(in NumericValue value)
    {
        if (value.IsZero)
            return 0;
        var scale = value.Scale;
        if (value.IsSmall)
        {
            for (var rest = value.Small; scale > 0 && rest % 10 == 0; scale--)
                rest /= 10;
            return scale;
        }

        for (var rest = value.Unscaled; scale > 0; scale--)
        {
            rest = BigInteger.DivRem(rest, 10, out var last);
            if (!last.IsZero)
                break;
        }

        return scale;
    }

    /// <summary>How many digits an unscaled value has; 1 for 0.</summary>
    public static int CountDigits(in NumericValue value)
    {
        if (!value.IsSmall)
            return CountDigits(value.Unscaled);
        var magnitude = Int128.Abs(value.Small);
        if (magnitude == 0)
            return 1;
        // Bits times log10(2), rounded up, is the number of digits or one too many.
        var count = (((128 - (int)Int128.LeadingZeroCount(magnitude)) * 1233) >> 12) + 1;
        return magnitude < DecimalMath.PowerOfTen(count - 1) ? count - 1 : count;
    }

    /// <summary>Whether a number is within numeric's bounds.</summary>
    public static bool IsInRange(in NumericValue value) =>
        value.IsSmall || CountDigits(value.Unscaled) - value.Scale <= NumericValue.MaxWholeDigits;

    /// <summary>The place of the first digit that counts, as a power of ten; 0 for zero.</summary>
    public static int Exponent(in NumericValue value) => value.IsZero ? 0 : CountDigits(value) - value.Scale - 1;

    /// <summary>
    /// The groups of four digits in front of the point less one (0 for 1 to 9999, -1 for 0.0001 to 0.9999), and the value of the first that
    /// counts.
    /// </summary>
    internal static (int Weight, int First) LeadingGroup(in NumericValue value)
    {
        if (value.IsZero)
            return (0, 0);
        var digits = CountDigits(value);
        var exponent = digits - value.Scale - 1;
        var weight = exponent >= 0 ? exponent / GroupDigits : ((exponent + 1) / GroupDigits) - 1;
        var wanted = exponent - (weight * GroupDigits) + 1;
        if (value.IsSmall)
        {
            var magnitude = Int128.Abs(value.Small);
            var first = digits >= wanted
                ? magnitude / DecimalMath.PowerOfTen(digits - wanted)
                : magnitude * DecimalMath.PowerOfTen(wanted - digits);
            return (weight, (int)first);
        }

        return (weight, (int)(BigInteger.Abs(value.Unscaled) / PowerOfTen(digits - wanted)));
    }

    /// <summary>The unscaled value at a scale that is no smaller.</summary>
    internal static BigInteger AtScale(in NumericValue value, int scale) =>
        scale == value.Scale ? value.Unscaled : value.Unscaled * PowerOfTen(scale - value.Scale);

    /// <summary>The order of two numbers of one sign.</summary>
    internal static int CompareFinite(in NumericValue left, in NumericValue right)
    {
        var scale = Math.Max(left.Scale, right.Scale);
        if (TryAlign(left, right, scale, out var a, out var b))
            return a.CompareTo(b);
        var (high, otherHigh) = (Exponent(left), Exponent(right));
        return high != otherHigh
            ? high.CompareTo(otherHigh) * left.Sign
            : AtScale(left, scale).CompareTo(AtScale(right, scale));
    }

    /// <summary>A whole quotient.</summary>
    internal static BigInteger Quotient(BigInteger dividend, BigInteger divisor, NumericRounding rounding)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var rest);
        if (rest.IsZero)
            return quotient;
        var sign = rest.Sign * divisor.Sign;
        return rounding switch
        {
            NumericRounding.Nearest => BigInteger.Abs(rest) * 2 >= BigInteger.Abs(divisor) ? quotient + sign : quotient,
            NumericRounding.Ceiling => sign > 0 ? quotient + 1 : quotient,
            NumericRounding.Floor => sign < 0 ? quotient - 1 : quotient,
            _ => quotient,
        };
    }

    /// <summary>Drops digits at the end.</summary>
    internal static BigInteger DropDigits(BigInteger value, int digits, NumericRounding rounding)
    {
        // A number of fewer digits than are dropped is nothing, or at most the last one that stays: 10^n need not be that large for it.
        var most = CountDigits(value) + 1;
        return Quotient(value, PowerOfTen(Math.Min(digits, most)), rounding);
    }

    private static Int128 Quotient(Int128 dividend, Int128 divisor, NumericRounding rounding)
    {
        var (quotient, rest) = Int128.DivRem(dividend, divisor);
        if (rest == 0)
            return quotient;
        var sign = Int128.IsNegative(rest) == Int128.IsNegative(divisor) ? 1 : -1;
        var left = Int128.Abs(rest);
        return rounding switch
        {
            NumericRounding.Nearest => left >= Int128.Abs(divisor) - left ? quotient + sign : quotient,
            NumericRounding.Ceiling => sign > 0 ? quotient + 1 : quotient,
            NumericRounding.Floor => sign < 0 ? quotient - 1 : quotient,
            _ => quotient,
        };
    }

    /// <summary>Both unscaled values at one scale, where they fit into 128 bits with room for a sum.</summary>
    private static bool TryAlign(in NumericValue left, in NumericValue right, int scale, out Int128 a, out Int128 b)
    {
        (a, b) = (left.Small, right.Small);
        return left.IsSmall && right.IsSmall && TryMove(ref a, scale - left.Scale) && TryMove(ref b, scale - right.Scale);
    }

    private static bool TryMove(ref Int128 value, int digits)
    {
        if (digits == 0)
            return true;
        if (digits > SqlType.MaxPrecision || !DecimalMath.Fits(value, SqlType.MaxPrecision - digits))
            return value == 0;
        value *= DecimalMath.PowerOfTen(digits);
        return true;
    }

    private static NumericValue SpecialProduct(in NumericValue left, in NumericValue right)
    {
        if (left.IsNaN || right.IsNaN || left.IsZero || right.IsZero)
            return NumericValue.NaN;
        return left.Sign == right.Sign ? NumericValue.PositiveInfinity : NumericValue.NegativeInfinity;
    }

    private static bool IsLong(Int128 value) => value == (long)value;

    private static int CountDigits(BigInteger value)
    {
        if (value.IsZero)
            return 1;
        var magnitude = BigInteger.Abs(value);
        var logarithm = BigInteger.Log10(magnitude);
        var count = Math.Max(1, (int)logarithm + 1);
        // The logarithm is a double, right to ten digits after the point: only near a power of ten it may be off by one.
        if (Math.Abs(logarithm - Math.Round(logarithm)) > 1e-6)
            return count;
        if (count > 1 && magnitude < PowerOfTen(count - 1))
            return count - 1;
        return magnitude >= PowerOfTen(count) ? count + 1 : count;
    }
}
