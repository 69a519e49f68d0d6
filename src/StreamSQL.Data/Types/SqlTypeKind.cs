namespace StreamSQL.Data.Types;

/// <summary>The SQL types. Those after <see cref="Struct"/> appear only in bounded SELECT and the system catalogs.</summary>
public enum SqlTypeKind : byte
{
    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>32-bit integer.</summary>
    Integer,

    /// <summary>64-bit integer.</summary>
    BigInt,

    /// <summary>IEEE 754 double.</summary>
    Double,

    /// <summary>Exact decimal with precision and scale; up to 38 digits.</summary>
    Decimal,

    /// <summary>UTF-8 text.</summary>
    Varchar,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Milliseconds since midnight.</summary>
    Time,

    /// <summary>Days since 1970-01-01.</summary>
    Date,

    /// <summary>An instant: milliseconds since 1970-01-01 00:00 UTC.</summary>
    Timestamp,

    /// <summary>A list of one element type.</summary>
    Array,

    /// <summary>Keys to values.</summary>
    Map,

    /// <summary>Named fields.</summary>
    Struct,

    /// <summary>A literal whose type its context decides (NULL, a quoted string under PostgreSQL's rules, an untyped parameter).</summary>
    Unknown,

    /// <summary>16-bit integer (catalog columns).</summary>
    SmallInt,

    /// <summary>Object identifier (catalog columns).</summary>
    Oid,

    /// <summary>A relation's object identifier, shown as its name.</summary>
    RegClass,

    /// <summary>A type's object identifier, shown as its name.</summary>
    RegType,

    /// <summary>A function's object identifier, shown as its name.</summary>
    RegProc,

    /// <summary>A schema's object identifier, shown as its name.</summary>
    RegNamespace,

    /// <summary>A role's object identifier, shown as its name.</summary>
    RegRole,

    /// <summary>A transaction's number (catalog columns).</summary>
    Xid,

    /// <summary>An identifier of up to 63 bytes (catalog columns).</summary>
    Name,

    /// <summary>One byte of text, PostgreSQL's <c>"char"</c>.</summary>
    Char,

    /// <summary>A span of time: months, days, microseconds.</summary>
    Interval,

    /// <summary>JSON text.</summary>
    Json,

    /// <summary>JSON text in PostgreSQL's normal form: equal values have equal texts but for numbers.</summary>
    Jsonb,

    /// <summary>IEEE 754 single, kept as a double that is one.</summary>
    Real,

    /// <summary>A UUID, kept as its text in lower case with hyphens, whose order is that of its bytes.</summary>
    Uuid,

    /// <summary>An instant: microseconds since 1970-01-01 00:00 UTC. Clients see <see cref="Timestamp"/> as this type too.</summary>
    TimestampTz,

    /// <summary>A date and a time of day in no zone: microseconds since 1970-01-01 00:00.</summary>
    PlainTimestamp,

    /// <summary>A time of day in no zone: microseconds since midnight. Clients see <see cref="Time"/> as this type too.</summary>
    PlainTime,

    /// <summary>A time of day with an offset from UTC, as <see cref="ZonedTime.Packed"/> puts it into one number.</summary>
    TimeTz,

    /// <summary>A path of SQL/JSON, kept as it was written.</summary>
    JsonPath,

    /// <summary>
    /// PostgreSQL's numeric, whose values have scales of their own (<see cref="NumericValue"/>), as
    /// <c>NumericColumns</c> puts them into bytes.
    /// </summary>
    Numeric,
}

/// <summary>How a type's values stand in memory; kernels are chosen by it.</summary>
public enum PhysicalKind : byte
{
    /// <summary>One byte, 0 or 1: <c>FixedColumn&lt;byte&gt;</c>.</summary>
    Boolean,

    /// <summary><c>FixedColumn&lt;int&gt;</c>.</summary>
    Int32,

    /// <summary><c>FixedColumn&lt;long&gt;</c>.</summary>
    Int64,

    /// <summary><c>FixedColumn&lt;double&gt;</c>.</summary>
    Double,

    /// <summary>The unscaled value: <c>FixedColumn&lt;Int128&gt;</c>.</summary>
    Int128,

    /// <summary><c>FixedColumn&lt;Interval&gt;</c>.</summary>
    Interval,

    /// <summary>Slices of one buffer: <c>BytesColumn</c>.</summary>
    Bytes,

    /// <summary>Slices of a child column: <c>ArrayColumn</c>.</summary>
    Array,

    /// <summary>Slices of two child columns: <c>MapColumn</c>.</summary>
    Map,

    /// <summary>A child column per field: <c>StructColumn</c>.</summary>
    Struct,
}
