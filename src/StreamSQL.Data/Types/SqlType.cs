using System.Text;

namespace StreamSQL.Data.Types;

/// <summary>A SQL type; equal by value. <see cref="ToString"/> gives it as a ksqlDB user writes it.</summary>
public sealed class SqlType : IEquatable<SqlType>
{
    /// <summary>The most digits that a DECIMAL may have.</summary>
    public const int MaxPrecision = 38;

    private SqlType(SqlTypeKind kind, PhysicalKind physical)
    {
        Kind = kind;
        Physical = physical;
    }

    /// <summary>BOOLEAN.</summary>
    public static SqlType Boolean { get; } = new(SqlTypeKind.Boolean, PhysicalKind.Boolean);

    /// <summary>INTEGER.</summary>
    public static SqlType Integer { get; } = new(SqlTypeKind.Integer, PhysicalKind.Int32);

    /// <summary>BIGINT.</summary>
    public static SqlType BigInt { get; } = new(SqlTypeKind.BigInt, PhysicalKind.Int64);

    /// <summary>DOUBLE.</summary>
    public static SqlType Double { get; } = new(SqlTypeKind.Double, PhysicalKind.Double);

    /// <summary>VARCHAR.</summary>
    public static SqlType Varchar { get; } = new(SqlTypeKind.Varchar, PhysicalKind.Bytes);

    /// <summary>BYTES.</summary>
    public static SqlType Bytes { get; } = new(SqlTypeKind.Bytes, PhysicalKind.Bytes);

    /// <summary>TIME.</summary>
    public static SqlType Time { get; } = new(SqlTypeKind.Time, PhysicalKind.Int32);

    /// <summary>DATE.</summary>
    public static SqlType Date { get; } = new(SqlTypeKind.Date, PhysicalKind.Int32);

    /// <summary>TIMESTAMP.</summary>
    public static SqlType Timestamp { get; } = new(SqlTypeKind.Timestamp, PhysicalKind.Int64);

    /// <summary>The type of a literal that its context decides.</summary>
    public static SqlType Unknown { get; } = new(SqlTypeKind.Unknown, PhysicalKind.Bytes);

    /// <summary>smallint.</summary>
    public static SqlType SmallInt { get; } = new(SqlTypeKind.SmallInt, PhysicalKind.Int32);

    /// <summary>oid.</summary>
    public static SqlType Oid { get; } = new(SqlTypeKind.Oid, PhysicalKind.Int64);

    /// <summary>regclass.</summary>
    public static SqlType RegClass { get; } = new(SqlTypeKind.RegClass, PhysicalKind.Int64);

    /// <summary>regtype.</summary>
    public static SqlType RegType { get; } = new(SqlTypeKind.RegType, PhysicalKind.Int64);

    /// <summary>regproc.</summary>
    public static SqlType RegProc { get; } = new(SqlTypeKind.RegProc, PhysicalKind.Int64);

    /// <summary>regnamespace.</summary>
    public static SqlType RegNamespace { get; } = new(SqlTypeKind.RegNamespace, PhysicalKind.Int64);

    /// <summary>regrole.</summary>
    public static SqlType RegRole { get; } = new(SqlTypeKind.RegRole, PhysicalKind.Int64);

    /// <summary>xid.</summary>
    public static SqlType Xid { get; } = new(SqlTypeKind.Xid, PhysicalKind.Int64);

    /// <summary>int2vector: an array of smallint whose places count from 0 and whose text is <c>1 2</c>.</summary>
    public static SqlType Int2Vector { get; } = new(SqlTypeKind.Array, PhysicalKind.Array) { Element = SmallInt, IsVector = true };

    /// <summary>oidvector: as int2vector, of oid.</summary>
    public static SqlType OidVector { get; } = new(SqlTypeKind.Array, PhysicalKind.Array) { Element = Oid, IsVector = true };

    /// <summary>name.</summary>
    public static SqlType Name { get; } = new(SqlTypeKind.Name, PhysicalKind.Bytes);

    /// <summary>"char".</summary>
    public static SqlType Char { get; } = new(SqlTypeKind.Char, PhysicalKind.Bytes);

    /// <summary>interval.</summary>
    public static SqlType Interval { get; } = new(SqlTypeKind.Interval, PhysicalKind.Interval);

    /// <summary>json.</summary>
    public static SqlType Json { get; } = new(SqlTypeKind.Json, PhysicalKind.Bytes);

    /// <summary>jsonb.</summary>
    public static SqlType Jsonb { get; } = new(SqlTypeKind.Jsonb, PhysicalKind.Bytes);

    /// <summary>DECIMAL without precision and scale in a stream or table: 38 digits, 16 of them behind the point.</summary>
    public static SqlType WideDecimal { get; } = Decimal(MaxPrecision, 16);

    /// <summary>numeric of a bounded SELECT: each value has a scale of its own.</summary>
    public static SqlType Numeric { get; } = new(SqlTypeKind.Numeric, PhysicalKind.Bytes);

    /// <summary>real.</summary>
    public static SqlType Real { get; } = new(SqlTypeKind.Real, PhysicalKind.Double);

    /// <summary>uuid.</summary>
    public static SqlType Uuid { get; } = new(SqlTypeKind.Uuid, PhysicalKind.Bytes);

    /// <summary>timestamp with time zone of a bounded SELECT, in microseconds.</summary>
    public static SqlType TimestampTz { get; } = new(SqlTypeKind.TimestampTz, PhysicalKind.Int64);

    /// <summary>timestamp without time zone of a bounded SELECT, in microseconds.</summary>
    public static SqlType PlainTimestamp { get; } = new(SqlTypeKind.PlainTimestamp, PhysicalKind.Int64);

    /// <summary>time without time zone of a bounded SELECT, in microseconds.</summary>
    public static SqlType PlainTime { get; } = new(SqlTypeKind.PlainTime, PhysicalKind.Int64);

    /// <summary>time with time zone.</summary>
    public static SqlType TimeTz { get; } = new(SqlTypeKind.TimeTz, PhysicalKind.Int64);

    /// <summary>jsonpath.</summary>
    public static SqlType JsonPath { get; } = new(SqlTypeKind.JsonPath, PhysicalKind.Bytes);

    /// <summary>Which type it is.</summary>
    public SqlTypeKind Kind { get; }

    /// <summary>How its values stand in memory.</summary>
    public PhysicalKind Physical { get; }

    /// <summary>Digits of a DECIMAL, or of a numeric that was given some (else 0).</summary>
    public int Precision { get; private init; }

    /// <summary>Digits after the point of a DECIMAL, or of a numeric that was given a precision.</summary>
    public int Scale { get; private init; }

    /// <summary>Element type of an ARRAY, value type of a MAP.</summary>
    public SqlType? Element { get; private init; }

    /// <summary>Key type of a MAP.</summary>
    public SqlType? Key { get; private init; }

    /// <summary>Fields of a STRUCT, in order.</summary>
    public IReadOnlyList<StructField> Fields { get; private init; } = [];

    /// <summary>Whether a STRUCT is a row of a bounded SELECT, which clients see as a record.</summary>
    public bool IsRow { get; private init; }

    /// <summary>Whether an ARRAY is one of the catalog's vectors.</summary>
    public bool IsVector { get; private init; }

    /// <summary>Whether values are object identifiers: of any object, or of one kind and shown by name.</summary>
    public bool IsObjectIdentifier => Kind is SqlTypeKind.Oid or SqlTypeKind.RegClass or SqlTypeKind.RegType or SqlTypeKind.RegProc
        or SqlTypeKind.RegNamespace or SqlTypeKind.RegRole;

    /// <summary>Whether values are numbers.</summary>
    public bool IsNumeric => Kind is SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.Double or SqlTypeKind.Decimal
        or SqlTypeKind.SmallInt
        or SqlTypeKind.Real or SqlTypeKind.Numeric;

    /// <summary>Whether bytes that differ may be equal values, so that values do not compare as their bytes do.</summary>
    public bool HasOwnOrder => Kind is SqlTypeKind.Jsonb or SqlTypeKind.Numeric;

    /// <summary>Whether values hold other values.</summary>
    public bool IsNested => Kind is SqlTypeKind.Array or SqlTypeKind.Map or SqlTypeKind.Struct;

    /// <summary>DECIMAL(precision, scale).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Precision outside 1..38 or scale outside 0..precision.</exception>
    public static SqlType Decimal(int precision, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, MaxPrecision);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, precision);
        return new(SqlTypeKind.Decimal, PhysicalKind.Int128) { Precision = precision, Scale = scale };
    }

    /// <summary>
    /// numeric(precision, scale) of a bounded SELECT, whose bounds are PostgreSQL's: 1 to 1000 digits, a scale of -1000 to 1000.
    /// </summary>
    public static SqlType NumericOf(int precision, int scale) =>
        new(SqlTypeKind.Numeric, PhysicalKind.Bytes) { Precision = precision, Scale = scale };

    /// <summary>ARRAY&lt;element&gt;.</summary>
    public static SqlType ArrayOf(SqlType element) => new(SqlTypeKind.Array, PhysicalKind.Array) { Element = element };

    /// <summary>MAP&lt;key, value&gt;.</summary>
    public static SqlType MapOf(SqlType key, SqlType value) => new(SqlTypeKind.Map, PhysicalKind.Map) { Key = key, Element = value };

    /// <summary>STRUCT&lt;fields&gt;.</summary>
    public static SqlType StructOf(IReadOnlyList<StructField> fields) => new(SqlTypeKind.Struct, PhysicalKind.Struct) { Fields = fields };

    /// <summary>A STRUCT that is a row.</summary>
    public static SqlType RowOf(IReadOnlyList<StructField> fields) =>
        new(SqlTypeKind.Struct, PhysicalKind.Struct) { Fields = fields, IsRow = true };

    /// <inheritdoc/>
    public bool Equals(SqlType? other) =>
        other is not null && (ReferenceEquals(this, other) || (Kind == other.Kind && Precision == other.Precision && Scale == other.Scale
            && Equals(Element, other.Element) && Equals(Key, other.Key) && IsRow == other.IsRow && IsVector == other.IsVector
            && Fields.SequenceEqual(other.Fields)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SqlType);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Precision, Scale, Element, Key, Fields.Count);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        SqlTypeKind.Decimal => $"DECIMAL({Precision}, {Scale})",
        SqlTypeKind.Numeric when Precision > 0 => $"NUMERIC({Precision}, {Scale})",
        SqlTypeKind.Array when IsVector => Element!.Kind == SqlTypeKind.Oid ? "OIDVECTOR" : "INT2VECTOR",
        SqlTypeKind.Array => $"ARRAY<{Element}>",
        SqlTypeKind.Map => $"MAP<{Key}, {Element}>",
        SqlTypeKind.Struct => FormatStruct(),
        _ => Kind.ToString().ToUpperInvariant(),
    };

    private string FormatStruct()
    {
        var text = new StringBuilder("STRUCT<");
        for (var i = 0; i < Fields.Count; i++)
            text.Append(i == 0 ? "" : ", ").Append('`').Append(Fields[i].Name).Append("` ").Append(Fields[i].Type);
        return text.Append('>').ToString();
    }
}

/// <summary>A field of a STRUCT.</summary>
public sealed record StructField(string Name, SqlType Type);
