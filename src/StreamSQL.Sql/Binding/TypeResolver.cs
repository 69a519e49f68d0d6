using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Types by name, ksqlDB's and PostgreSQL's.</summary>
internal static class TypeResolver
{
    // What these names mean where PostgreSQL's rules hold; in streams and tables they are ksqlDB's types.
    private static readonly Dictionary<string, SqlType> PostgresTypes = new(StringComparer.Ordinal)
    {
        ["REAL"] = SqlType.Real, ["FLOAT4"] = SqlType.Real, ["UUID"] = SqlType.Uuid,
        ["TIME"] = SqlType.PlainTime, ["TIMETZ"] = SqlType.TimeTz, ["JSONPATH"] = SqlType.JsonPath,
    };

    /// <summary>FLOAT(n) of up to so many binary digits is a real, of more a double.</summary>
    public const int RealDigits = 24;

    private const int MaxNumericPrecision = 1000;

    private static readonly Dictionary<string, SqlType> Types = new(StringComparer.Ordinal)
    {
        ["BOOLEAN"] = SqlType.Boolean, ["BOOL"] = SqlType.Boolean,
        ["INTEGER"] = SqlType.Integer, ["INT"] = SqlType.Integer, ["INT4"] = SqlType.Integer,
        ["BIGINT"] = SqlType.BigInt, ["INT8"] = SqlType.BigInt,
        ["SMALLINT"] = SqlType.SmallInt, ["INT2"] = SqlType.SmallInt,
        ["DOUBLE"] = SqlType.Double, ["FLOAT8"] = SqlType.Double, ["FLOAT4"] = SqlType.Double, ["FLOAT"] = SqlType.Double,
        ["REAL"] = SqlType.Double,
        ["STRING"] = SqlType.Varchar, ["VARCHAR"] = SqlType.Varchar, ["TEXT"] = SqlType.Varchar, ["BPCHAR"] = SqlType.Varchar,
        ["BYTES"] = SqlType.Bytes, ["BYTEA"] = SqlType.Bytes,
        ["TIME"] = SqlType.Time, ["DATE"] = SqlType.Date, ["TIMESTAMP"] = SqlType.PlainTimestamp, ["TIMESTAMPTZ"] = SqlType.TimestampTz,
        ["OID"] = SqlType.Oid, ["XID"] = SqlType.Xid, ["REGNAMESPACE"] = SqlType.RegNamespace, ["REGROLE"] = SqlType.RegRole,
        ["INT2VECTOR"] = SqlType.Int2Vector, ["OIDVECTOR"] = SqlType.OidVector,
        ["REGCLASS"] = SqlType.RegClass, ["REGTYPE"] = SqlType.RegType, ["REGPROC"] = SqlType.RegProc, ["REGPROCEDURE"] = SqlType.RegProc,
        ["REGOPER"] = SqlType.Oid, ["REGOPERATOR"] = SqlType.Oid, ["REGCOLLATION"] = SqlType.Oid, ["REGCONFIG"] = SqlType.Oid,
        ["REGDICTIONARY"] = SqlType.Oid,
        ["NAME"] = SqlType.Name, ["INTERVAL"] = SqlType.Interval, ["JSON"] = SqlType.Json, ["JSONB"] = SqlType.Jsonb,
        ["UNKNOWN"] = SqlType.Unknown,
    };

    /// <summary>The type that a text means.</summary>
    /// <param name="syntax">The text.</param>
    /// <param name="named">Types with names of their own (CREATE TYPE).</param>
    /// <param name="rules">Whose types: ksqlDB has one TIMESTAMP, which columns have too; PostgreSQL
    /// one with a zone and one without, and a few more types.</param>
    /// <exception cref="SqlException">42704: there is no such type; 22023: precision or scale out of range.</exception>
    public static SqlType Resolve(DataTypeSyntax syntax, IReadOnlyDictionary<string, SqlType> named, RuleSet rules = RuleSet.Ksql) =>
        syntax switch
    {
        ArrayTypeSyntax array => SqlType.ArrayOf(Resolve(array.Element, named, rules)),
        MapTypeSyntax map => SqlType.MapOf(Resolve(map.Key, named, rules), Resolve(map.Value, named, rules)),
        StructTypeSyntax row =>
            SqlType.StructOf([.. row.Fields.Select(field => new StructField(field.Name.Name, Resolve(field.Type, named, rules)))]),
        NamedTypeSyntax one => Of(Resolve(one, named, rules), rules),
        _ => throw new InvalidOperationException($"unknown type syntax {syntax.GetType().Name}"),
    };

    /// <summary>Whether a name is that of a type that comes with the program.</summary>
    public static bool IsBuiltIn(string name) => Types.ContainsKey(name)
        || name is "DECIMAL" or "DEC" or "NUMERIC" or "CHAR" or "ARRAY" or "MAP" or "STRUCT";

    private static SqlType Of(SqlType type, RuleSet rules) => type.Kind switch
    {
        _ when rules == RuleSet.Postgres => type,
        SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp => SqlType.Timestamp,
        SqlTypeKind.Array => SqlType.ArrayOf(Of(type.Element!, rules)),
        _ => type,
    };

    private static SqlType Resolve(NamedTypeSyntax syntax, IReadOnlyDictionary<string, SqlType> named, RuleSet rules)
    {
        var last = syntax.Name.Last;
        var name = last.Text.ToUpperInvariant();
        if (last is { IsQuoted: true, Text: "char" })
            return SqlType.Char;
        if (name is "DECIMAL" or "DEC" or "NUMERIC")
            return rules == RuleSet.Postgres ? Numeric(syntax) : Decimal(syntax);
        if (name is "CHAR")
            return SqlType.Varchar;
        if (rules == RuleSet.Postgres && name == "FLOAT" && syntax.Arguments is [<= RealDigits])
            return SqlType.Real;
        if ((rules == RuleSet.Postgres && PostgresTypes.TryGetValue(name, out var type)) || Types.TryGetValue(name, out type))
            return type;
        if (!syntax.Name.IsQualified && named.TryGetValue(last.Name, out var custom))
            return custom;
        // PostgreSQL names the array of x _x.
        if (name.StartsWith('_') && ((rules == RuleSet.Postgres && PostgresTypes.TryGetValue(name[1..], out var element))
            || Types.TryGetValue(name[1..], out element)))
            return SqlType.ArrayOf(element);
        if (name is "SERIAL" or "BIGSERIAL" or "SMALLSERIAL" or "SERIAL4" or "SERIAL8")
            throw BindingErrors.NotSupported($"{name} is not supported: nothing counts rows", syntax.Position,
                "Use BIGINT and give each row a key of its own.");
        throw new SqlException(
            PostgresErrorCodes.UndefinedObject, $"type \"{syntax.Name}\" does not exist",
            BindingErrors.DidYouMean(name, Types.Keys.Concat(named.Keys)), syntax.Position);
    }

    // The bounds of PostgreSQL 15.
    private static SqlType Numeric(NamedTypeSyntax syntax) => syntax.Arguments switch
    {
        [] => SqlType.Numeric,
        [var digits, ..] when digits is < 1 or > MaxNumericPrecision =>
            throw BindingErrors.Invalid($"NUMERIC precision {digits} must be between 1 and {MaxNumericPrecision}", syntax.Position),
        [_, var after] when after is < -MaxNumericPrecision or > MaxNumericPrecision =>
            throw BindingErrors.Invalid($"NUMERIC scale {after} must be between -{MaxNumericPrecision} and {MaxNumericPrecision}",
                syntax.Position),
        [var digits] => SqlType.NumericOf(digits, 0),
        [var digits, var after] => SqlType.NumericOf(digits, after),
        _ => throw BindingErrors.Invalid("invalid NUMERIC type modifier", syntax.Position),
    };

    private static SqlType Decimal(NamedTypeSyntax syntax)
    {
        var (precision, scale) = syntax.Arguments switch
        {
            [] => (SqlType.WideDecimal.Precision, SqlType.WideDecimal.Scale),
            [var digits] => (digits, 0),
            [var digits, var after] => (digits, after),
            _ => throw BindingErrors.Invalid("DECIMAL takes a precision and a scale", syntax.Position),
        };
        if (precision is < 1 or > SqlType.MaxPrecision)
            throw BindingErrors.Invalid($"DECIMAL precision must be between 1 and {SqlType.MaxPrecision}: DECIMAL({precision},{scale})",
                syntax.Position);
        return scale <= precision
            ? SqlType.Decimal(precision, scale)
            : throw BindingErrors.Invalid($"DECIMAL precision must be >= scale: DECIMAL({precision},{scale})", syntax.Position);
    }
}
