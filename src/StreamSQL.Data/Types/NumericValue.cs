using System.Globalization;
using System.Numerics;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Types;

/// <summary>
/// A value of PostgreSQL's numeric: a whole number of 10^-<see cref="Scale"/>, NaN or an infinity. Each value has a scale of its own, the
/// digits after the point that it is shown with; it takes no part in comparisons. What fits into 38 digits is computed with 128 bits,
/// without an object.
/// </summary>
public readonly struct NumericValue : IEquatable<NumericValue>
{
    /// <summary>The most digits after the point.</summary>
    public const int MaxScale = 16_383;

    /// <summary>The most digits before the point.</summary>
    public const int MaxWholeDigits = 131_072;

    private readonly Int128 _small;
    private readonly BigInteger _large;
    private readonly short _scale;

    /// <summary>The number <c>unscaled / 10^scale</c>.</summary>
    public NumericValue(Int128 unscaled, int scale)
    {
        _scale = (short)scale;
        if (DecimalMath.Fits(unscaled, SqlType.MaxPrecision))
            _small = unscaled;
        else
            _large = unscaled;
    }

    /// <summary>The number <c>unscaled / 10^scale</c>.</summary>
    public NumericValue(BigInteger unscaled, int scale)
    {
        _scale = (short)scale;
        if (BigInteger.Abs(unscaled) < NumericMath.SmallBound)
            _small = (Int128)unscaled;
        else
            _large = unscaled;
    }

    private NumericValue(NumericKind kind) => Kind = kind;

    /// <summary>NaN: equal to itself, above all else.</summary>
    public static NumericValue NaN { get; } = new(NumericKind.NaN);

    /// <summary>Infinity.</summary>
    public static NumericValue PositiveInfinity { get; } = new(NumericKind.PositiveInfinity);

    /// <summary>-Infinity.</summary>
    public static NumericValue NegativeInfinity { get; } = new(NumericKind.NegativeInfinity);

    /// <summary>Whether it is a number, or which of the others.</summary>
    public NumericKind Kind { get; }

    /// <summary>Digits after the point; 0 for what is no number.</summary>
    public int Scale => _scale;

    /// <summary>Whether it is NaN.</summary>
    public bool IsNaN => Kind == NumericKind.NaN;

    /// <summary>Whether it is an infinity.</summary>
    public bool IsInfinity => Kind is NumericKind.PositiveInfinity or NumericKind.NegativeInfinity;

    /// <summary>Whether it is neither.</summary>
    public bool IsFinite => Kind == NumericKind.Finite;

    /// <summary>-1, 0 or 1; infinities have signs, NaN has none (0).</summary>
    public int Sign => Kind switch
    {
        NumericKind.Finite => IsSmall ? Int128.Sign(_small) : _large.Sign,
        NumericKind.PositiveInfinity => 1,
        NumericKind.NegativeInfinity => -1,
        _ => 0,
    };

    /// <summary>Whether it is the number 0.</summary>
    public bool IsZero => IsFinite && Sign == 0;

    /// <summary>Whether the unscaled value has at most 38 digits: <see cref="Small"/> is it.</summary>
    public bool IsSmall => _large.IsZero;

    /// <summary>The unscaled value where <see cref="IsSmall"/>.</summary>
    public Int128 Small => _small;

    /// <summary>The unscaled value.</summary>
    public BigInteger Unscaled => IsSmall ? _small : _large;

    /// <summary>
    /// The order of numeric: -Infinity, the numbers, Infinity, NaN; the scale does not matter. Negative, zero or positive.
    /// </summary>
    public static int Compare(in NumericValue left, in NumericValue right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return Rank(left.Kind).CompareTo(Rank(right.Kind));
        if (left._scale == right._scale && left.IsSmall && right.IsSmall)
            return left._small.CompareTo(right._small);
        return left.Sign != right.Sign ? left.Sign.CompareTo(right.Sign) : NumericMath.CompareFinite(left, right);
    }

    /// <summary>Whether both are the same value with the same scale (1.0 is not 1.00, though both compare as equal).</summary>
    public bool Equals(NumericValue other) =>
        Kind == other.Kind && _scale == other._scale && _small == other._small && _large == other._large;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NumericValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _scale, _small, _large);

    /// <summary>As PostgreSQL writes it.</summary>
    public override string ToString() => NumericText.ToText(this);

    /// <summary>The nearest double.</summary>
    public double ToDouble() => Kind switch
    {
        NumericKind.NaN => double.NaN,
        NumericKind.PositiveInfinity => double.PositiveInfinity,
        NumericKind.NegativeInfinity => double.NegativeInfinity,
        _ when IsSmall && _scale <= SqlType.MaxPrecision => DecimalMath.ToDouble(_small, _scale),
        _ => double.Parse(ToString(), CultureInfo.InvariantCulture),
    };

    /// <summary>Same value and scale.</summary>
    public static bool operator ==(NumericValue left, NumericValue right) => left.Equals(right);

    /// <summary>Another value or scale.</summary>
    public static bool operator !=(NumericValue left, NumericValue right) => !left.Equals(right);

    private static int Rank(NumericKind kind) => kind switch
    {
        NumericKind.NegativeInfinity => 0,
        NumericKind.Finite => 1,
        NumericKind.PositiveInfinity => 2,
        _ => 3,
    };
}

/// <summary>What a numeric is.</summary>
public enum NumericKind : byte
{
    /// <summary>A number.</summary>
    Finite,

    /// <summary>NaN.</summary>
    NaN,

    /// <summary>Infinity.</summary>
    PositiveInfinity,

    /// <summary>-Infinity.</summary>
    NegativeInfinity,
}
