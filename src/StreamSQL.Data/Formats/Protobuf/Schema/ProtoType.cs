namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>The types of fields.</summary>
internal enum ProtoType : byte
{
    /// <summary>8 bytes, IEEE 754.</summary>
    Double,

    /// <summary>4 bytes, IEEE 754.</summary>
    Float,

    /// <summary>A varint; negative ones take ten bytes.</summary>
    Int32,

    /// <summary>A varint; negative ones take ten bytes.</summary>
    Int64,

    /// <summary>A varint without sign.</summary>
    UInt32,

    /// <summary>A varint without sign.</summary>
    UInt64,

    /// <summary>A varint, zig-zag.</summary>
    SInt32,

    /// <summary>A varint, zig-zag.</summary>
    SInt64,

    /// <summary>4 bytes without sign.</summary>
    Fixed32,

    /// <summary>8 bytes without sign.</summary>
    Fixed64,

    /// <summary>4 bytes.</summary>
    SFixed32,

    /// <summary>8 bytes.</summary>
    SFixed64,

    /// <summary>A varint, 0 or 1.</summary>
    Bool,

    /// <summary>UTF-8.</summary>
    String,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A named number.</summary>
    Enum,

    /// <summary>A message with its length before it.</summary>
    Message,

    /// <summary>A message between two tags; proto2 only.</summary>
    Group,
}

/// <summary>How often a field occurs.</summary>
internal enum ProtoLabel : byte
{
    /// <summary>Proto3 without a label: absent is the default.</summary>
    Implicit,

    /// <summary>Whether it is there can be told.</summary>
    Optional,

    /// <summary>Always there; proto2 only.</summary>
    Required,

    /// <summary>A list.</summary>
    Repeated,
}

/// <summary>What the types are called and how they stand on the wire.</summary>
internal static class ProtoTypes
{
    private static readonly Dictionary<string, ProtoType> Scalars = new(StringComparer.Ordinal)
    {
        ["double"] = ProtoType.Double,
        ["float"] = ProtoType.Float,
        ["int32"] = ProtoType.Int32,
        ["int64"] = ProtoType.Int64,
        ["uint32"] = ProtoType.UInt32,
        ["uint64"] = ProtoType.UInt64,
        ["sint32"] = ProtoType.SInt32,
        ["sint64"] = ProtoType.SInt64,
        ["fixed32"] = ProtoType.Fixed32,
        ["fixed64"] = ProtoType.Fixed64,
        ["sfixed32"] = ProtoType.SFixed32,
        ["sfixed64"] = ProtoType.SFixed64,
        ["bool"] = ProtoType.Bool,
        ["string"] = ProtoType.String,
        ["bytes"] = ProtoType.Bytes,
    };

    /// <summary>The scalar type of a keyword.</summary>
    public static bool TryParse(string name, out ProtoType type) => Scalars.TryGetValue(name, out type);

    /// <summary>The keyword of a scalar type.</summary>
    public static string Keyword(ProtoType type) => type.ToString().ToLowerInvariant();

    /// <summary>The wire type of single values.</summary>
    public static WireType WireTypeOf(ProtoType type) => type switch
    {
        ProtoType.Double or ProtoType.Fixed64 or ProtoType.SFixed64 => WireType.Fixed64,
        ProtoType.Float or ProtoType.Fixed32 or ProtoType.SFixed32 => WireType.Fixed32,
        ProtoType.String or ProtoType.Bytes or ProtoType.Message => WireType.Delimited,
        ProtoType.Group => WireType.StartGroup,
        _ => WireType.Varint,
    };

    /// <summary>Whether lists of the type can be packed.</summary>
    public static bool IsPackable(ProtoType type) =>
        type is not (ProtoType.String or ProtoType.Bytes or ProtoType.Message or ProtoType.Group);
}
