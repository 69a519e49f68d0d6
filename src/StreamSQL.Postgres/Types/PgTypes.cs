using System.Collections.Frozen;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Types;

/// <summary>PostgreSQL's types, by name and by object identifier (the identifiers are fixed: clients have them compiled in).</summary>
internal static class PgTypes
{
    public static readonly PgType Bool = new(16, "bool", "boolean", 1, 'B', 1000);
    public static readonly PgType Bytea = new(17, "bytea", "bytea", -1, 'U', 1001);
    public static readonly PgType Char = new(18, "char", "\"char\"", 1, 'Z', 1002);
    public static readonly PgType Name = new(19, "name", "name", 64, 'S', 1003) { ElementOid = 18 };
    public static readonly PgType Int8 = new(20, "int8", "bigint", 8, 'N', 1016);
    public static readonly PgType Int2 = new(21, "int2", "smallint", 2, 'N', 1005);
    public static readonly PgType Int4 = new(23, "int4", "integer", 4, 'N', 1007);
    public static readonly PgType RegProc = new(24, "regproc", "regproc", 4, 'N', 1008);
    public static readonly PgType Text = new(25, "text", "text", -1, 'S', 1009);
    public static readonly PgType Oid = new(26, "oid", "oid", 4, 'N', 1028);
    public static readonly PgType Json = new(114, "json", "json", -1, 'U', 199) { FunctionPrefix = "json_" };
    public static readonly PgType Float4 = new(700, "float4", "real", 4, 'N', 1021);
    public static readonly PgType Float8 = new(701, "float8", "double precision", 8, 'N', 1022);
    public static readonly PgType Unknown = new(705, "unknown", "unknown", -2, 'X', 0);
    public static readonly PgType BpChar = new(1042, "bpchar", "character", -1, 'S', 1014);
    public static readonly PgType Varchar = new(1043, "varchar", "character varying", -1, 'S', 1015);
    public static readonly PgType Date = new(1082, "date", "date", 4, 'D', 1182) { FunctionPrefix = "date_" };
    public static readonly PgType Time = new(1083, "time", "time without time zone", 8, 'D', 1183) { FunctionPrefix = "time_" };
    public static readonly PgType Timestamp = new(1114, "timestamp", "timestamp without time zone", 8, 'D', 1115)
        { FunctionPrefix = "timestamp_" };

    public static readonly PgType TimestampTz =
        new(1184, "timestamptz", "timestamp with time zone", 8, 'D', 1185) { FunctionPrefix = "timestamptz_" };

    public static readonly PgType TimeTz = new(1266, "timetz", "time with time zone", 12, 'D', 1270) { FunctionPrefix = "timetz_" };
    public static readonly PgType Interval = new(1186, "interval", "interval", 16, 'T', 1187) { FunctionPrefix = "interval_" };
    public static readonly PgType Numeric = new(1700, "numeric", "numeric", -1, 'N', 1231) { FunctionPrefix = "numeric_" };
    public static readonly PgType RegClass = new(2205, "regclass", "regclass", 4, 'N', 2210);
    public static readonly PgType RegType = new(2206, "regtype", "regtype", 4, 'N', 2211);
    public static readonly PgType Uuid = new(2950, "uuid", "uuid", 16, 'U', 2951) { FunctionPrefix = "uuid_" };
    public static readonly PgType Jsonb = new(3802, "jsonb", "jsonb", -1, 'U', 3807) { FunctionPrefix = "jsonb_" };

    public static readonly PgType JsonPath = new(4072, "jsonpath", "jsonpath", -1, 'U', 4073) { FunctionPrefix = "jsonpath_" };

    public static readonly PgType Int2Vector = new(22, "int2vector", "int2vector", -1, 'A', 1006) { ElementOid = 21 };
    public static readonly PgType OidVector = new(30, "oidvector", "oidvector", -1, 'A', 1013) { ElementOid = 26 };
    public static readonly PgType Xid = new(28, "xid", "xid", 4, 'U', 1011);
    public static readonly PgType RegNamespace = new(4089, "regnamespace", "regnamespace", 4, 'N', 4090);
    public static readonly PgType RegRole = new(4096, "regrole", "regrole", 4, 'N', 4097);

    public static readonly PgType Record = new(2249, "record", "record", -1, 'P', 2287) { FunctionPrefix = "record_" };

    /// <summary>The types that have no array over them here and stand in the catalog because drivers look them up.</summary>
    private static readonly PgType[] CatalogOnly =
    [
        new(27, "tid", "tid", 6, 'U', 1010),
        new(29, "cid", "cid", 4, 'U', 1012),
        new(142, "xml", "xml", -1, 'U', 143) { FunctionPrefix = "xml_" },
        new(600, "point", "point", 16, 'G', 1017) { FunctionPrefix = "point_" },
        new(601, "lseg", "lseg", 32, 'G', 1018) { FunctionPrefix = "lseg_" },
        new(602, "path", "path", -1, 'G', 1019) { FunctionPrefix = "path_" },
        new(603, "box", "box", 32, 'G', 1020) { FunctionPrefix = "box_" },
        new(604, "polygon", "polygon", -1, 'G', 1027) { FunctionPrefix = "poly_" },
        new(628, "line", "line", 24, 'G', 629) { FunctionPrefix = "line_" },
        new(650, "cidr", "cidr", -1, 'I', 651) { FunctionPrefix = "cidr_" },
        new(718, "circle", "circle", 24, 'G', 719) { FunctionPrefix = "circle_" },
        new(790, "money", "money", 8, 'N', 791) { FunctionPrefix = "cash_" },
        new(829, "macaddr", "macaddr", 6, 'U', 1040) { FunctionPrefix = "macaddr_" },
        new(869, "inet", "inet", -1, 'I', 1041) { FunctionPrefix = "inet_" },
        new(1560, "bit", "bit", -1, 'V', 1561) { FunctionPrefix = "bit_" },
        new(1562, "varbit", "bit varying", -1, 'V', 1563) { FunctionPrefix = "varbit_" },
        new(2202, "regprocedure", "regprocedure", 4, 'N', 2207),
        new(2203, "regoper", "regoper", 4, 'N', 2208),
        new(2204, "regoperator", "regoperator", 4, 'N', 2209),
        new(3220, "pg_lsn", "pg_lsn", 8, 'U', 3221) { FunctionPrefix = "pg_lsn_" },
        new(3614, "tsvector", "tsvector", -1, 'U', 3643),
        new(3615, "tsquery", "tsquery", -1, 'U', 3645),
        new(194, "pg_node_tree", "pg_node_tree", -1, 'Z', 0) { FunctionPrefix = "pg_node_tree_" },
        new(1033, "aclitem", "aclitem", 12, 'U', 1034),
        Record,
        new(2275, "cstring", "cstring", -2, 'P', 1263) { FunctionPrefix = "cstring_" },
        new(2276, "any", "\"any\"", 4, 'P', 0) { FunctionPrefix = "any_" },
        new(2277, "anyarray", "anyarray", -1, 'P', 0) { FunctionPrefix = "anyarray_" },
        new(2278, "void", "void", 4, 'P', 0) { FunctionPrefix = "void_" },
        new(2283, "anyelement", "anyelement", 4, 'P', 0) { FunctionPrefix = "anyelement_" },
    ];

    private static readonly PgType[] Base =
    [
        Bool, Bytea, Char, Name, Int8, Int2, Int4, RegProc, Text, Oid, Json, Float4, Float8, Unknown, BpChar, Varchar, Date,
        Time, Timestamp,
        TimestampTz, TimeTz, Interval, Numeric, RegClass, RegType, RegNamespace, RegRole, Uuid, Jsonb, JsonPath,
        Xid, Int2Vector, OidVector,
    ];

    /// <summary>All of them, arrays too, by object identifier.</summary>
    public static FrozenDictionary<uint, PgType> ByOid { get; } = Base.Concat(CatalogOnly)
        .SelectMany(static type => type.ArrayOid == 0 ? [type] : new[] { type, type.ToArray() })
        .ToFrozenDictionary(static type => type.Oid);

    /// <summary>The scalar types by each of their names, without case; ksqlDB's names too.</summary>
    public static FrozenDictionary<string, PgType> ByName { get; } = Base.Concat(CatalogOnly)
        .SelectMany(static type => new[] { KeyValuePair.Create(type.Name, type), KeyValuePair.Create(type.SqlName, type) })
        .Concat([new("int", Int4), new("decimal", Numeric), new("string", Text), new("double", Float8), new("float", Float8),
            new("bytes", Bytea)])
        .DistinctBy(static entry => entry.Key)
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The type that a value of a SQL type has for clients. Nested values other than arrays of scalars are jsonb.</summary>
    public static PgType Of(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Boolean => Bool,
        SqlTypeKind.Integer => Int4,
        SqlTypeKind.BigInt => Int8,
        SqlTypeKind.Double => Float8,
        SqlTypeKind.Real => Float4,
        SqlTypeKind.Uuid => Uuid,
        SqlTypeKind.JsonPath => JsonPath,
        SqlTypeKind.Decimal or SqlTypeKind.Numeric => Numeric,
        SqlTypeKind.Varchar or SqlTypeKind.Unknown => Text,
        SqlTypeKind.Bytes => Bytea,
        SqlTypeKind.Time or SqlTypeKind.PlainTime => Time,
        SqlTypeKind.TimeTz => TimeTz,
        SqlTypeKind.Date => Date,
        SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz => TimestampTz,
        SqlTypeKind.PlainTimestamp => Timestamp,
        SqlTypeKind.SmallInt => Int2,
        SqlTypeKind.Oid => Oid,
        SqlTypeKind.RegClass => RegClass,
        SqlTypeKind.RegType => RegType,
        SqlTypeKind.RegProc => RegProc,
        SqlTypeKind.Name => Name,
        SqlTypeKind.Char => Char,
        SqlTypeKind.Interval => Interval,
        SqlTypeKind.Json => Json,
        SqlTypeKind.RegNamespace => RegNamespace,
        SqlTypeKind.RegRole => RegRole,
        SqlTypeKind.Xid => Xid,
        SqlTypeKind.Array when type.IsVector => type.Element!.Kind == SqlTypeKind.Oid ? OidVector : Int2Vector,
        SqlTypeKind.Array when !type.Element!.IsNested => ByOid[Of(type.Element).ArrayOid],
        SqlTypeKind.Array when type.Element!.IsRow => ByOid[Record.ArrayOid],
        SqlTypeKind.Struct when type.IsRow => Record,
        _ => Jsonb,
    };

    /// <summary>
    /// The type that values of a parameter travel with: as results do, but an array of arrays is PostgreSQL's array, of several
    /// dimensions.
    /// </summary>
    public static PgType OfParameter(SqlType type)
    {
        var element = type;
        while (element.Kind == SqlTypeKind.Array && !element.IsVector)
            element = element.Element!;
        return ReferenceEquals(element, type) || element.IsNested ? Of(type) : ByOid[Of(element).ArrayOid];
    }

    /// <summary>
    /// The SQL type that a client's declared parameter type stands for; null where there is none that
    /// fits exactly, so that the statement decides (numeric has no precision yet, unknown has no type).
    /// </summary>
    public static SqlType? ToSqlType(uint oid) => oid switch
    {
        16 => SqlType.Boolean,
        17 => SqlType.Bytes,
        18 => SqlType.Char,
        19 => SqlType.Name,
        20 => SqlType.BigInt,
        21 => SqlType.SmallInt,
        23 => SqlType.Integer,
        24 => SqlType.RegProc,
        25 or 1042 or 1043 => SqlType.Varchar,
        26 => SqlType.Oid,
        114 => SqlType.Json,
        3802 => SqlType.Jsonb,
        4072 => SqlType.JsonPath,
        700 => SqlType.Real,
        701 => SqlType.Double,
        1700 => SqlType.Numeric,
        2950 => SqlType.Uuid,
        1082 => SqlType.Date,
        1083 => SqlType.PlainTime,
        1266 => SqlType.TimeTz,
        1114 => SqlType.PlainTimestamp,
        1184 => SqlType.TimestampTz,
        1186 => SqlType.Interval,
        2205 => SqlType.RegClass,
        2206 => SqlType.RegType,
        22 => SqlType.Int2Vector,
        28 => SqlType.Xid,
        30 => SqlType.OidVector,
        4089 => SqlType.RegNamespace,
        4096 => SqlType.RegRole,
        _ => ByOid.TryGetValue(oid, out var type) && type.Category == 'A' && ToSqlType(type.ElementOid) is { } element
            ? SqlType.ArrayOf(element)
            : null,
    };

    /// <summary>The type that a type's syntax names in a statement about clients' own objects (PREPARE).</summary>
    /// <exception cref="SqlException">42704: there is none of that name.</exception>
    public static uint Resolve(DataTypeSyntax syntax) => syntax switch
    {
        ArrayTypeSyntax array => ByOid[Resolve(array.Element)].ArrayOid,
        NamedTypeSyntax { Name.Last.Text: var name } when ByName.TryGetValue(name, out var type) => type.Oid,
        NamedTypeSyntax named => throw new SqlException(
            PostgresErrorCodes.UndefinedObject, $"type \"{named.Name.ToString().ToLowerInvariant()}\" does not exist",
            position: syntax.Position),
        _ => throw new SqlException(PostgresErrorCodes.UndefinedObject, $"type \"{syntax}\" does not exist", position: syntax.Position),
    };

    // A scale may be negative: its low bits.
    private const int ScaleBits = 0x7ff;

    /// <summary>The type modifier that carries precision and scale of numeric; -1 for every other type.</summary>
    public static int ModifierOf(SqlType type) => type.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric && type.Precision > 0
        ? ((type.Precision << 16) | (type.Scale & ScaleBits)) + 4
        : -1;

    /// <summary>A type's name as format_type gives it, with the modifier if there is one.</summary>
    public static string Format(uint oid, int modifier)
    {
        if (!ByOid.TryGetValue(oid, out var type))
            return "???";
        if (modifier < 4 || (oid != Numeric.Oid && oid != Varchar.Oid && oid != BpChar.Oid))
            return type.SqlName;
        var value = modifier - 4;
        return oid == Numeric.Oid
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"numeric({value >> 16},{((value & ScaleBits) ^ 1024) - 1024})")
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{type.SqlName}({value})");
    }
}
