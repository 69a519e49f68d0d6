using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Constants that were compared with a key in a wider type, as values of the key's own type.</summary>
internal static class KeyConstant
{
    private const long MicrosPerMilli = 1000;

    /// <summary>The equal value of the key's type, boxed by its physical kind; null where the key's type has none.</summary>
    public static object? TryConvert(object value, SqlType from, SqlType to)
    {
        if (Units(value, from, to) is not var (units, divisor))
            return from.Physical == to.Physical ? value : null;
        var (whole, rest) = Int128.DivRem(units, divisor);
        if (rest != 0)
            return null;
        return to.Physical switch
        {
            PhysicalKind.Int32 when whole >= int.MinValue && whole <= int.MaxValue => (int)whole,
            PhysicalKind.Int64 when whole >= long.MinValue && whole <= long.MaxValue => (long)whole,
            PhysicalKind.Int128 when Int128.Abs(whole) < DecimalMath.PowerOfTen(to.Precision) => whole,
            _ => null,
        };
    }

    /// <summary>The greatest whole number of the key's units that is not above a constant; null where its type has no such units.</summary>
    public static Int128? Floor(object value, SqlType from, SqlType to)
    {
        if (from.Equals(to) || Units(value, from, to) is not var (units, divisor))
            return value is long whole ? whole : null;
        var (quotient, rest) = Int128.DivRem(units, divisor);
        return rest < 0 ? quotient - 1 : quotient;
    }

    /// <summary>
    /// The greatest value of the key's type that is not above a constant, boxed by its physical kind, and whether the two are equal; null
    /// where the key's type has none, or the types have no order in common.
    /// </summary>
    public static (object Value, bool IsExact)? FloorKey(object value, SqlType from, SqlType to)
    {
        if (from.Equals(to))
            return (value, true);
        if (Units(value, from, to) is not var (units, divisor))
            return null;
        var (whole, rest) = Int128.DivRem(units, divisor);
        if (rest < 0)
            whole--;
        var (least, greatest) = to.Physical switch
        {
            PhysicalKind.Int32 => (int.MinValue, int.MaxValue),
            PhysicalKind.Int64 => (long.MinValue, long.MaxValue),
            _ => (1 - DecimalMath.PowerOfTen(to.Precision), DecimalMath.PowerOfTen(to.Precision) - 1),
        };
        if (whole < least)
            return null;
        var isExact = rest == 0 && whole <= greatest;
        whole = Int128.Min(whole, greatest);
        object key = to.Physical switch
        {
            PhysicalKind.Int32 => (object)(int)whole,
            PhysicalKind.Int64 => (long)whole,
            _ => whole,
        };
        return (key, isExact);
    }

    // Zeros at the end say nothing; what still has more than 38 digits is no key.
    private static (Int128 Units, Int128 Divisor)? Units(in NumericValue number, int keyScale)
    {
        var scale = Math.Max(keyScale, NumericMath.MinScale(number));
        var value = NumericMath.Round(number, scale, NumericRounding.Nearest);
        return value is { IsFinite: true, IsSmall: true } && scale - keyScale <= SqlType.MaxPrecision
            ? (value.Small, DecimalMath.PowerOfTen(scale - keyScale))
            : null;
    }

    /// <summary>A constant as a number of small units, and how many of them are one unit of the key's type.</summary>
    private static (Int128 Units, Int128 Divisor)? Units(object value, SqlType from, SqlType to) => (from.Kind, to.Kind, value) switch
    {
        (SqlTypeKind.TimestampTz, SqlTypeKind.Timestamp, long micros) => (micros, MicrosPerMilli),
        (SqlTypeKind.PlainTime, SqlTypeKind.Time, long micros) => (micros, MicrosPerMilli),
        (SqlTypeKind.PlainTimestamp, SqlTypeKind.Date, long micros) => (micros, Interval.MicrosPerDay),
        (SqlTypeKind.Decimal, SqlTypeKind.Decimal, Int128 unscaled) when from.Scale >= to.Scale =>
            (unscaled, DecimalMath.PowerOfTen(from.Scale - to.Scale)),
        (SqlTypeKind.Decimal, SqlTypeKind.Integer or SqlTypeKind.BigInt, Int128 unscaled) => (unscaled, DecimalMath.PowerOfTen(from.Scale)),
        (SqlTypeKind.Numeric, SqlTypeKind.Decimal or SqlTypeKind.Integer or SqlTypeKind.BigInt, NumericValue number) =>
            Units(number, to.Scale),
        (SqlTypeKind.BigInt, SqlTypeKind.Integer, long number) => (number, 1),
        _ => null,
    };
}
