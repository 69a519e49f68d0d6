using StreamSQL.Data.Functions.Casting;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions;

/// <summary>CAST between types, by ksqlDB's or PostgreSQL's rules.</summary>
/// <remarks>
/// ksqlDB: a number too large for INTEGER or BIGINT wraps as in Java, DOUBLE is cut towards zero, any text is a BOOLEAN, nested values turn
/// into text. PostgreSQL: a number out of range is an error (22003), DOUBLE and DECIMAL are rounded, texts have PostgreSQL's forms.
/// Both: a text that is no value of the type is an error (22P02, 22007), DECIMAL rounds half away from zero.
/// </remarks>
public static class Casts
{
    /// <summary>The cast from one type to another, or null when there is none.</summary>
    public static ScalarBinding? Find(SqlType from, SqlType to, RuleSet rules) =>
        FindKernel(from, to, rules) is { } kernel
            ? new ScalarBinding([from], to, kernel) { DependsOnSession = rules == RuleSet.Postgres && DateCasts.DependsOnSession(from, to) }
            : null;

    private static ScalarKernel? FindKernel(SqlType from, SqlType to, RuleSet rules)
    {
        if (from.Equals(to))
            return new CopyKernel();
        if ((rules == RuleSet.Postgres || from.Kind == SqlTypeKind.Interval || to.Kind == SqlTypeKind.Interval)
            && DateCasts.Find(from, to) is { } ofDates)
            return ofDates;
        if (from.IsNested)
            return FromNested(from, to, rules);
        if (to.Kind == SqlTypeKind.Numeric)
            return NumericCasts.To(from, to);
        if (from.Kind == SqlTypeKind.Numeric)
            return NumericCasts.From(to);
        if (from.Kind == SqlTypeKind.Jsonb && (to.IsNumeric || to.Kind == SqlTypeKind.Boolean))
            return FromJsonb(to, rules);
        if (TypeCoercion.IsText(from) || from.Kind == SqlTypeKind.Jsonb)
            return FromText(to, rules);
        if (TypeCoercion.IsText(to))
            return ToText(from, rules);
        return from.Kind switch
        {
            SqlTypeKind.Boolean => to.Kind == SqlTypeKind.Integer
                && rules == RuleSet.Postgres ? new UnaryKernel<byte, int, BooleanToInt32>() : null,
            SqlTypeKind.Integer or SqlTypeKind.SmallInt => FromInteger(to, rules),
            SqlTypeKind.BigInt => FromBigInt(to, rules),
            SqlTypeKind.Double => FromDouble(to, rules),
            SqlTypeKind.Real => FromReal(to, rules),
            SqlTypeKind.Decimal => FromDecimal(from, to, rules),
            SqlTypeKind.Timestamp => FromTimestamp(to),
            SqlTypeKind.Date => to.Kind == SqlTypeKind.Timestamp ? new UnaryKernel<int, long, DateToTimestamp>() : null,
            _ => from.IsObjectIdentifier ? FromOid(to) : null,
        };
    }

    // A number is read as a decimal, and rounded from that.
    private static ChainKernel FromJsonb(SqlType to, RuleSet rules)
    {
        var scalar = new JsonbScalarKernel(to);
        return to.Kind is SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt
            ? new(new ChainKernel(scalar, SqlType.Varchar, NumericCasts.To(SqlType.Varchar, SqlType.Numeric)!), SqlType.Numeric,
                NumericCasts.From(to)!)
            : new(scalar, SqlType.Varchar, FromText(to, rules)!);
    }

    private static ScalarKernel? FromReal(SqlType to, RuleSet rules) => to.Kind switch
    {
        SqlTypeKind.Double => new CopyKernel(),
        SqlTypeKind.Decimal => new RealToDecimalKernel(to),
        _ => FromDouble(to, rules),
    };

    // A double on the way to a real.
    private static ChainKernel ToReal(ScalarKernel toDouble) =>
        new(toDouble, SqlType.Double, new CheckedUnaryKernel<double, double, DoubleToSingleChecked>());

    private static ScalarKernel? FromInteger(SqlType to, RuleSet rules) => to.Kind switch
    {
        SqlTypeKind.Integer => new CopyKernel(),
        SqlTypeKind.SmallInt => new CheckedUnaryKernel<int, int, Int32ToInt16Checked>(),
        SqlTypeKind.BigInt => new UnaryKernel<int, long, Int32ToInt64>(),
        SqlTypeKind.Double => new UnaryKernel<int, double, Int32ToDouble>(),
        SqlTypeKind.Real => ToReal(new UnaryKernel<int, double, Int32ToDouble>()),
        SqlTypeKind.Decimal => new ToDecimalKernel<int, Int32ToInt128>(0, to),
        SqlTypeKind.Boolean when rules == RuleSet.Postgres => new UnaryKernel<int, byte, Int32ToBoolean>(),
        _ => to.IsObjectIdentifier || to.Kind == SqlTypeKind.Xid ? new UnaryKernel<int, long, Int32ToInt64>() : null,
    };

    private static ScalarKernel? FromBigInt(SqlType to, RuleSet rules) => to.Kind switch
    {
        SqlTypeKind.Integer when rules == RuleSet.Ksql => new UnaryKernel<long, int, Int64ToInt32Wrapping>(),
        SqlTypeKind.Integer => new CheckedUnaryKernel<long, int, Int64ToInt32Checked>(),
        SqlTypeKind.SmallInt => new ChainKernel(
            new CheckedUnaryKernel<long, int, Int64ToInt32Checked>(), SqlType.Integer,
            new CheckedUnaryKernel<int, int, Int32ToInt16Checked>()),
        SqlTypeKind.Double => new UnaryKernel<long, double, Int64ToDouble>(),
        SqlTypeKind.Real => ToReal(new UnaryKernel<long, double, Int64ToDouble>()),
        SqlTypeKind.Decimal => new ToDecimalKernel<long, Int64ToInt128>(0, to),
        _ => to.IsObjectIdentifier ? new CopyKernel() : null,
    };

    private static ScalarKernel? FromDouble(SqlType to, RuleSet rules) => (to.Kind, rules) switch
    {
        (SqlTypeKind.Integer, RuleSet.Ksql) => new UnaryKernel<double, int, DoubleToInt32Saturating>(),
        (SqlTypeKind.BigInt, RuleSet.Ksql) => new UnaryKernel<double, long, DoubleToInt64Saturating>(),
        (SqlTypeKind.Integer, _) => new CheckedUnaryKernel<double, int, DoubleToInt32Checked>(),
        (SqlTypeKind.BigInt, _) => new CheckedUnaryKernel<double, long, DoubleToInt64Checked>(),
        (SqlTypeKind.Decimal, RuleSet.Postgres) =>
            new ChainKernel(NumericCasts.To(SqlType.Double, SqlType.Numeric)!, SqlType.Numeric, new NumericToDecimalKernel(to)),
        (SqlTypeKind.Decimal, _) => new DoubleToDecimalKernel(to),
        (SqlTypeKind.Real, _) => new CheckedUnaryKernel<double, double, DoubleToSingleChecked>(),
        (SqlTypeKind.SmallInt, _) => new ChainKernel(
            new CheckedUnaryKernel<double, int, DoubleToInt32Checked>(), SqlType.Integer,
            new CheckedUnaryKernel<int, int, Int32ToInt16Checked>()),
        _ => null,
    };

    private static ScalarKernel? FromDecimal(SqlType from, SqlType to, RuleSet rules) => to.Kind switch
    {
        SqlTypeKind.Integer => new DecimalToIntegerKernel<int>(from.Scale, rules, "integer"),
        SqlTypeKind.BigInt => new DecimalToIntegerKernel<long>(from.Scale, rules, "bigint"),
        SqlTypeKind.SmallInt => new ChainKernel(
            new DecimalToIntegerKernel<int>(from.Scale, rules, "smallint"), SqlType.Integer,
            new CheckedUnaryKernel<int, int, Int32ToInt16Checked>()),
        SqlTypeKind.Double => new DecimalToDoubleKernel(from.Scale),
        SqlTypeKind.Real => ToReal(new DecimalToDoubleKernel(from.Scale)),
        SqlTypeKind.Decimal => new ToDecimalKernel<Int128, SameInt128>(from.Scale, to),
        _ => null,
    };

    private static ScalarKernel? FromTimestamp(SqlType to) => to.Kind switch
    {
        SqlTypeKind.Date => new UnaryKernel<long, int, TimestampToDate>(),
        SqlTypeKind.Time => new UnaryKernel<long, int, TimestampToTime>(),
        _ => null,
    };

    private static ScalarKernel? FromOid(SqlType to) => to.Kind switch
    {
        SqlTypeKind.Integer => new CheckedUnaryKernel<long, int, Int64ToInt32Checked>(),
        _ => to.Kind == SqlTypeKind.BigInt || to.IsObjectIdentifier ? new CopyKernel() : null,
    };

    private static ScalarKernel? FromText(SqlType to, RuleSet rules) => to.Kind switch
    {
        SqlTypeKind.Boolean when rules == RuleSet.Ksql => new ParseKernel<byte, KsqlBooleanParser>(),
        SqlTypeKind.Boolean => new ParseKernel<byte, PostgresBooleanParser>(),
        SqlTypeKind.SmallInt => new ParseKernel<int, Int16Parser>(),
        SqlTypeKind.Integer => new ParseKernel<int, Int32Parser>(),
        SqlTypeKind.BigInt or SqlTypeKind.Oid or SqlTypeKind.Xid => new ParseKernel<long, Int64Parser>(),
        SqlTypeKind.Double => new ParseKernel<double, DoubleParser>(),
        SqlTypeKind.Real => new ParseKernel<double, SingleParser>(),
        SqlTypeKind.Uuid => new ParseUuidKernel(),
        SqlTypeKind.JsonPath => new Json.Paths.ParsePathKernel(),
        SqlTypeKind.Decimal => new ParseDecimalKernel(to),
        SqlTypeKind.Date => new ParseKernel<int, DateParser>(),
        SqlTypeKind.Time => new ParseKernel<int, TimeParser>(),
        SqlTypeKind.Timestamp => new ParseKernel<long, TimestampParser>(),
        SqlTypeKind.Bytes when rules == RuleSet.Postgres => new ParseByteaKernel(),
        SqlTypeKind.Json or SqlTypeKind.Jsonb => new Json.JsonCastKernel(to.Kind == SqlTypeKind.Jsonb),
        SqlTypeKind.Array when to.IsVector => new ParseVectorKernel(to),
        SqlTypeKind.Array when rules == RuleSet.Postgres && FindKernel(SqlType.Varchar, to.Element!, rules) is { } element =>
            new ParseArrayKernel(element),
        _ => TypeCoercion.IsText(to) ? new CopyKernel() : null,
    };

    private static ScalarKernel? ToText(SqlType from, RuleSet rules) => (from.Kind, rules) switch
    {
        (SqlTypeKind.Boolean, _) => new FormatKernel<byte, BooleanFormatter>(),
        (SqlTypeKind.Integer or SqlTypeKind.SmallInt, _) => new FormatKernel<int, Int32Formatter>(),
        (SqlTypeKind.BigInt or SqlTypeKind.Oid or SqlTypeKind.Xid, _) => new FormatKernel<long, Int64Formatter>(),
        (SqlTypeKind.Double, RuleSet.Ksql) => new FormatKernel<double, JavaDoubleFormatter>(),
        (SqlTypeKind.Double, _) => new FormatKernel<double, PostgresDoubleFormatter>(),
        (SqlTypeKind.Real, _) => new FormatKernel<double, PostgresSingleFormatter>(),
        (SqlTypeKind.Uuid or SqlTypeKind.JsonPath, _) => new CopyKernel(),
        (SqlTypeKind.Decimal, _) => new FormatDecimalKernel(from.Scale),
        (SqlTypeKind.Date, _) => new FormatKernel<int, DateFormatter>(),
        (SqlTypeKind.Time, RuleSet.Ksql) => new FormatKernel<int, JavaTimeFormatter>(),
        (SqlTypeKind.Time, _) => new FormatKernel<int, PostgresTimeFormatter>(),
        (SqlTypeKind.Timestamp, _) => new FormatKernel<long, IsoTimestampFormatter>(),
        (SqlTypeKind.Bytes, RuleSet.Postgres) => new FormatByteaKernel(),
        _ => null,
    };

    private static ScalarKernel? FromNested(SqlType from, SqlType to, RuleSet rules)
    {
        if (to.Kind == SqlTypeKind.Varchar && rules == RuleSet.Ksql)
            return new FormatNestedKernel();
        if (TypeCoercion.IsText(to) && rules == RuleSet.Postgres)
            return from.IsRow ? new FormatArrayKernel() : from.Kind == SqlTypeKind.Array
                && (from.Element!.IsNested || HasTextHere(from.Element)) ? new FormatArrayKernel() : null;
        if (from.Kind != to.Kind)
            return null;
        switch (to.Kind)
        {
            case SqlTypeKind.Array:
                return FindKernel(from.Element!, to.Element!, rules) is { } element ? new ArrayCastKernel(element) : null;
            case SqlTypeKind.Map:
                return FindKernel(from.Key!, to.Key!, rules) is { } key && FindKernel(from.Element!, to.Element!, rules) is { } value
                    ? new MapCastKernel(key, value)
                    : null;
            default:
                return FromStruct(from, to, rules);
        }
    }

    private static StructCastKernel? FromStruct(SqlType from, SqlType to, RuleSet rules)
    {
        var fields = new (int, ScalarKernel)?[to.Fields.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            for (var source = 0; source < from.Fields.Count; source++)
            {
                if (from.Fields[source].Name != to.Fields[i].Name)
                    continue;
                if (FindKernel(from.Fields[source].Type, to.Fields[i].Type, rules) is not { } kernel)
                    return null;
                fields[i] = (source, kernel);
            }
        }

        return new(fields);
    }

    /// <summary>Whether a scalar's text does not depend on the catalog, as that of the reg... types does.</summary>
    private static bool HasTextHere(SqlType type) => type.Kind == SqlTypeKind.Oid || !type.IsObjectIdentifier;
}
