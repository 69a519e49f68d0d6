using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>Which types turn into which without a CAST, and how overloads are ranked by it.</summary>
public static class TypeCoercion
{
    /// <summary>Digits of the DECIMAL that holds any INTEGER.</summary>
    public const int IntegerDigits = 10;

    /// <summary>Digits of the DECIMAL that holds any BIGINT.</summary>
    public const int BigIntDigits = 19;

    /// <summary>Whether a value of one type is taken where another is wanted.</summary>
    public static bool CanImplicitlyCast(SqlType from, SqlType to, RuleSet rules) => Cost(from, to, rules) >= 0;

    /// <summary>How far an implicit cast goes: 0 for none, more for wider; -1 when there is none.</summary>
    public static int Cost(SqlType from, SqlType to, RuleSet rules)
    {
        if (from.Equals(to))
            return 0;
        if (from.Kind == SqlTypeKind.Unknown)
            return to.Kind == SqlTypeKind.Varchar ? 1 : 2;
        if (to.Kind == SqlTypeKind.Decimal)
            return CostToDecimal(from, to);
        if (to.Kind == SqlTypeKind.Numeric)
            return rules == RuleSet.Postgres ? CostToNumeric(from) : -1;
        if (to.IsVector)
            return -1;
        if (from.Kind == SqlTypeKind.Array && to.Kind == SqlTypeKind.Array)
            return Cost(from.Element!, to.Element!, rules);
        return (from.Kind, to.Kind) switch
        {
            (SqlTypeKind.SmallInt, SqlTypeKind.Integer) => 1,
            (SqlTypeKind.SmallInt, SqlTypeKind.BigInt) => 2,
            (SqlTypeKind.SmallInt, SqlTypeKind.Double) => 4,
            (SqlTypeKind.Integer, SqlTypeKind.BigInt) => 1,
            (SqlTypeKind.Integer, SqlTypeKind.Double) => 3,
            (SqlTypeKind.BigInt, SqlTypeKind.Double) => 2,
            (SqlTypeKind.Decimal or SqlTypeKind.Numeric or SqlTypeKind.Real, SqlTypeKind.Double) => 1,
            (SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.Decimal or SqlTypeKind.Numeric,
                SqlTypeKind.Real) => 6,
            (SqlTypeKind.Timestamp, SqlTypeKind.TimestampTz) => 1,
            (SqlTypeKind.PlainTimestamp, SqlTypeKind.TimestampTz) => 2,
            (SqlTypeKind.Date, SqlTypeKind.PlainTimestamp) => 3,
            (SqlTypeKind.Date, SqlTypeKind.TimestampTz) => 2,
            (SqlTypeKind.Date, SqlTypeKind.Timestamp) => rules == RuleSet.Postgres ? 4 : 1,
            (SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp, SqlTypeKind.Timestamp) when rules == RuleSet.Postgres => 4,
            (SqlTypeKind.Time, SqlTypeKind.PlainTime) => 1,
            (SqlTypeKind.Time or SqlTypeKind.PlainTime, SqlTypeKind.TimeTz) => 2,
            (SqlTypeKind.PlainTime, SqlTypeKind.Time) when rules == RuleSet.Postgres => 4,
            (SqlTypeKind.Time or SqlTypeKind.PlainTime, SqlTypeKind.Interval) when rules == RuleSet.Postgres => 2,
            (SqlTypeKind.Name or SqlTypeKind.Char or SqlTypeKind.Json or SqlTypeKind.Uuid or SqlTypeKind.JsonPath, SqlTypeKind.Varchar) =>
                1,
            (SqlTypeKind.Varchar, SqlTypeKind.Name) => 2,
            (SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt, SqlTypeKind.Oid) => 3,
            (SqlTypeKind.Integer, SqlTypeKind.Xid) => 4,
            (_, SqlTypeKind.Oid) when from.IsObjectIdentifier => 1,
            (_, SqlTypeKind.BigInt) when from.IsObjectIdentifier => 4,
            _ => -1,
        };
    }

    /// <summary>
    /// The type that both turn into without a CAST (CASE, COALESCE, IN, set operations, comparisons); null when there is none.
    /// </summary>
    public static SqlType? CommonType(SqlType a, SqlType b, RuleSet rules)
    {
        if (a.Equals(b))
            return a.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : a;
        if (a.Kind == SqlTypeKind.Unknown || b.Kind == SqlTypeKind.Unknown)
            return a.Kind == SqlTypeKind.Unknown ? b : a;
        if (rules == RuleSet.Postgres && IsDay(a) && IsDay(b))
            return CommonDay(a.Kind, b.Kind);
        if (IsTimeOfDay(a) && IsTimeOfDay(b))
            return a.Kind == SqlTypeKind.TimeTz || b.Kind == SqlTypeKind.TimeTz ? SqlType.TimeTz : SqlType.PlainTime;
        if (IsExactDecimal(a) || IsExactDecimal(b))
        {
            if (a.Kind == SqlTypeKind.Double || b.Kind == SqlTypeKind.Double)
                return SqlType.Double;
            if (a.Kind == SqlTypeKind.Real || b.Kind == SqlTypeKind.Real)
                return SqlType.Real;
            if (rules == RuleSet.Postgres)
                return IsExact(a) && IsExact(b) ? HaveOneForm(a, b) ? CommonDecimal(AsDecimal(a)!, AsDecimal(b)!) : SqlType.Numeric : null;
            return AsDecimal(a) is { } left && AsDecimal(b) is { } right ? CommonDecimal(left, right) : null;
        }

        if (a.Kind == SqlTypeKind.Array && b.Kind == SqlTypeKind.Array)
            return CommonType(a.Element!, b.Element!, rules) is { } element ? SqlType.ArrayOf(element) : null;
        if (a.Kind == SqlTypeKind.Map && b.Kind == SqlTypeKind.Map)
            return a.Key!.Equals(b.Key) && CommonType(a.Element!, b.Element!, rules) is { } value ? SqlType.MapOf(a.Key, value) : null;
        if (CanImplicitlyCast(a, b, rules))
            return IsText(b) && IsText(a) ? SqlType.Varchar : b;
        return CanImplicitlyCast(b, a, rules) ? a : null;
    }

    private static bool IsDay(SqlType type) =>
        type.Kind is SqlTypeKind.Date or SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp;

    private static bool IsTimeOfDay(SqlType type) => type.Kind is SqlTypeKind.Time or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz;

    /// <summary>With an instant an instant; of a date and a timestamp without a zone, the latter.</summary>
    private static SqlType CommonDay(SqlTypeKind a, SqlTypeKind b)
    {
        var (least, most) = a < b ? (a, b) : (b, a);
        return most == SqlTypeKind.PlainTimestamp && least == SqlTypeKind.Date ? SqlType.PlainTimestamp : SqlType.TimestampTz;
    }

    /// <summary>A number's type as the DECIMAL that holds its values exactly; null for other types (and DOUBLE).</summary>
    public static SqlType? AsDecimal(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Decimal => type,
        SqlTypeKind.Integer or SqlTypeKind.SmallInt => SqlType.Decimal(IntegerDigits, 0),
        SqlTypeKind.BigInt => SqlType.Decimal(BigIntDigits, 0),
        _ => null,
    };

    /// <summary>Whether values are exact numbers: integers, DECIMAL, numeric.</summary>
    public static bool IsExact(SqlType type) => type.Kind == SqlTypeKind.Numeric || AsDecimal(type) is not null;

    /// <summary>
    /// The DECIMAL that holds all values of both exactly; null where that has more than 38 digits, or one is numeric or no exact number.
    /// </summary>
    public static SqlType? ExactDecimal(SqlType a, SqlType b)
    {
        if (AsDecimal(a) is not { } left || AsDecimal(b) is not { } right)
            return null;
        var whole = Math.Max(left.Precision - left.Scale, right.Precision - right.Scale);
        return whole + Math.Max(left.Scale, right.Scale) <= SqlType.MaxPrecision ? CommonDecimal(left, right) : null;
    }

    private static bool IsExactDecimal(SqlType type) => type.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric;

    /// <summary>Whether the values of both are shown with the same digits after the point, and one DECIMAL holds them.</summary>
    private static bool HaveOneForm(SqlType a, SqlType b) => ExactDecimal(a, b) is not null && AsDecimal(a)!.Scale == AsDecimal(b)!.Scale;

    /// <summary>Whether the type's values are text.</summary>
    public static bool IsText(SqlType type) =>
        type.Kind is SqlTypeKind.Varchar or SqlTypeKind.Name or SqlTypeKind.Char or SqlTypeKind.Unknown or SqlTypeKind.Json;

    /// <summary>The DECIMAL that holds the values of both; digits before the point give way where 38 are not enough.</summary>
    internal static SqlType CommonDecimal(SqlType a, SqlType b)
    {
        var scale = Math.Max(a.Scale, b.Scale);
        var whole = Math.Max(a.Precision - a.Scale, b.Precision - b.Scale);
        return SqlType.Decimal(Math.Clamp(whole + scale, 1, SqlType.MaxPrecision), scale);
    }

    // Further than to a double, which PostgreSQL prefers for integers; not so for decimals.
    private static int CostToNumeric(SqlType from) => from.Kind switch
    {
        SqlTypeKind.Numeric => 0,
        SqlTypeKind.Decimal => 1,
        _ => IsExact(from) ? 5 : -1,
    };

    private static int CostToDecimal(SqlType from, SqlType to) => AsDecimal(from) is { } exact
        && exact.Scale <= to.Scale && exact.Precision - exact.Scale <= to.Precision - to.Scale
        ? (from.Kind == SqlTypeKind.Decimal ? 1 : 2) : -1;
}
