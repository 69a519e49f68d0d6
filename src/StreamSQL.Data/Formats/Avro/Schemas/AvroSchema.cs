using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>The types of Avro.</summary>
public enum AvroKind : byte
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>One byte, 0 or 1.</summary>
    Boolean,

    /// <summary>A 32-bit integer, as a varint.</summary>
    Int,

    /// <summary>A 64-bit integer, as a varint.</summary>
    Long,

    /// <summary>IEEE 754, 4 bytes little endian.</summary>
    Float,

    /// <summary>IEEE 754, 8 bytes little endian.</summary>
    Double,

    /// <summary>A length and bytes.</summary>
    Bytes,

    /// <summary>A length and UTF-8.</summary>
    String,

    /// <summary>Its fields, one after the other.</summary>
    Record,

    /// <summary>The index of a symbol.</summary>
    Enum,

    /// <summary>Blocks of items.</summary>
    Array,

    /// <summary>Blocks of keys and values.</summary>
    Map,

    /// <summary>The index of a branch and its value.</summary>
    Union,

    /// <summary>As many bytes as the schema says.</summary>
    Fixed,
}

/// <summary>What a value of an Avro type stands for. A logical type that is unknown, or not fit for its type, is none.</summary>
public enum AvroLogicalType : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>The unscaled value, two's complement, big endian; on bytes and fixed.</summary>
    Decimal,

    /// <summary>Days since 1970-01-01; on int.</summary>
    Date,

    /// <summary>Milliseconds since midnight; on int.</summary>
    TimeMillis,

    /// <summary>Microseconds since midnight; on long.</summary>
    TimeMicros,

    /// <summary>Milliseconds since 1970-01-01 UTC; on long.</summary>
    TimestampMillis,

    /// <summary>Microseconds since 1970-01-01 UTC; on long.</summary>
    TimestampMicros,

    /// <summary>Milliseconds since 1970-01-01 of an unnamed time zone; on long.</summary>
    LocalTimestampMillis,

    /// <summary>Microseconds since 1970-01-01 of an unnamed time zone; on long.</summary>
    LocalTimestampMicros,

    /// <summary>A UUID; on string and on fixed of 16 bytes.</summary>
    Uuid,
}

/// <summary>
/// An Avro schema. Named types are one object wherever they are referred to, so a recursive schema is a cycle: whoever walks it keeps count
/// of where they have been. Immutable once parsed.
/// </summary>
public sealed class AvroSchema
{
    private AvroSchema(AvroKind kind) => Kind = kind;

    /// <summary>Which type it is.</summary>
    public AvroKind Kind { get; }

    /// <summary>The full name of a record, enum or fixed; otherwise empty.</summary>
    public string FullName { get; private init; } = "";

    /// <summary>Other full names of a named type.</summary>
    public IReadOnlyList<string> Aliases { get; private init; } = [];

    /// <summary>The fields of a record.</summary>
    public IReadOnlyList<AvroField> Fields { get; internal set; } = [];

    /// <summary>The symbols of an enum.</summary>
    public IReadOnlyList<string> Symbols { get; private init; } = [];

    /// <summary>The symbol that a reader takes for one that it does not know; null for none.</summary>
    public string? DefaultSymbol { get; private init; }

    /// <summary>The type of an array's items or a map's values.</summary>
    public AvroSchema? Element { get; private init; }

    /// <summary>The branches of a union.</summary>
    public IReadOnlyList<AvroSchema> Branches { get; private init; } = [];

    /// <summary>The bytes of a fixed.</summary>
    public int Size { get; private init; }

    /// <summary>What the values stand for.</summary>
    public AvroLogicalType Logical { get; private init; }

    /// <summary>Digits of a decimal; 0 where the schema does not say.</summary>
    public int Precision { get; private init; }

    /// <summary>Digits after the point of a decimal.</summary>
    public int Scale { get; private init; }

    /// <summary>
    /// Whether a record is a map's entry, as Kafka Connect writes maps whose keys are not plain
    /// strings: an array of records of key and value.
    /// </summary>
    public bool IsMapEntry { get; private init; }

    /// <summary>The last part of the full name.</summary>
    public string SimpleName => FullName[(FullName.LastIndexOf('.') + 1)..];

    /// <summary>Whether it is a type with a name of its own.</summary>
    public bool IsNamed => Kind is AvroKind.Record or AvroKind.Enum or AvroKind.Fixed;

    /// <summary>Whether it is an array of map entries.</summary>
    public bool IsEntryArray => Kind == AvroKind.Array && Element!.IsMapEntry && Element.Fields.Count == 2;

    /// <summary>Reads a schema from its JSON text.</summary>
    /// <param name="text">The schema.</param>
    /// <param name="references">Schemas whose named types it may refer to, those referred to first.</param>
    /// <exception cref="SqlException">22023: it is no Avro schema; the message names the place and the reason.</exception>
    public static AvroSchema Parse(string text, params IReadOnlyList<string> references)
    {
        var parser = new AvroSchemaParser();
        foreach (var reference in references)
            parser.Parse(reference);
        return parser.Parse(text);
    }

    /// <summary>The types' names in error messages: the full name of a named type, the type's name of another.</summary>
    public override string ToString() => Kind switch
    {
        AvroKind.Record or AvroKind.Enum or AvroKind.Fixed => $"{NameOf(Kind)} {FullName}",
        AvroKind.Array or AvroKind.Map => $"{NameOf(Kind)} of {(Element!.IsNamed ? Element.FullName : NameOf(Element.Kind))}",
        AvroKind.Union => $"union of {string.Join(", ", Branches.Select(static b => b.IsNamed ? b.FullName : NameOf(b.Kind)))}",
        _ => NameOf(Kind),
    };

    /// <summary>A type's name as schemas write it.</summary>
    internal static string NameOf(AvroKind kind) => kind.ToString().ToLowerInvariant();

    internal static AvroSchema Primitive(AvroKind kind, AvroLogicalType logical = AvroLogicalType.None, int precision = 0, int scale = 0) =>
        new(kind) { Logical = logical, Precision = precision, Scale = scale };

    internal static AvroSchema Record(string fullName, IReadOnlyList<string> aliases, bool isMapEntry) =>
        new(AvroKind.Record) { FullName = fullName, Aliases = aliases, IsMapEntry = isMapEntry };

    internal static AvroSchema Enum(string fullName, IReadOnlyList<string> aliases, IReadOnlyList<string> symbols, string? defaultSymbol) =>
        new(AvroKind.Enum) { FullName = fullName, Aliases = aliases, Symbols = symbols, DefaultSymbol = defaultSymbol };

    internal static AvroSchema Fixed(string fullName, IReadOnlyList<string> aliases, int size, AvroLogicalType logical, int precision,
        int scale) =>
        new(AvroKind.Fixed) { FullName = fullName, Aliases = aliases, Size = size, Logical = logical, Precision = precision,
            Scale = scale };

    internal static AvroSchema Collection(AvroKind kind, AvroSchema element) => new(kind) { Element = element };

    internal static AvroSchema Union(IReadOnlyList<AvroSchema> branches) => new(AvroKind.Union) { Branches = branches };
}

/// <summary>A field of a record.</summary>
public sealed class AvroField
{
    /// <summary>Creates a field.</summary>
    internal AvroField(string name, AvroSchema schema, IReadOnlyList<string> aliases)
    {
        Name = name;
        Schema = schema;
        Aliases = aliases;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The type.</summary>
    public AvroSchema Schema { get; }

    /// <summary>Other names.</summary>
    public IReadOnlyList<string> Aliases { get; }

    /// <summary>The default in Avro's binary form, null for none.</summary>
    public byte[]? Default { get; internal set; }
}
