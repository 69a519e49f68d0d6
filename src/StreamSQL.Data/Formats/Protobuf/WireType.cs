namespace StreamSQL.Data.Formats.Protobuf;

/// <summary>What follows a tag: the low three bits of it.</summary>
internal enum WireType : byte
{
    /// <summary>7 bits a byte, the lowest first.</summary>
    Varint,

    /// <summary>8 bytes, little-endian.</summary>
    Fixed64,

    /// <summary>A length and so many bytes.</summary>
    Delimited,

    /// <summary>Fields up to the end of the group.</summary>
    StartGroup,

    /// <summary>The end of a group.</summary>
    EndGroup,

    /// <summary>4 bytes, little-endian.</summary>
    Fixed32,
}

/// <summary>Why a message could not be read.</summary>
internal enum WireFault : byte
{
    /// <summary>It could.</summary>
    None,

    /// <summary>A value goes beyond the end of its message.</summary>
    Truncated,

    /// <summary>A varint of more than ten bytes.</summary>
    InvalidVarint,

    /// <summary>A field number of zero, or a wire type that there is not.</summary>
    InvalidTag,

    /// <summary>The end of a group that did not begin, or the other way round.</summary>
    InvalidGroup,

    /// <summary>Groups inside each other beyond <see cref="WireFormat.MaxGroupDepth"/>.</summary>
    TooDeep,

    /// <summary>Text that is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>A value that the column's type cannot hold.</summary>
    OutOfRange,

    /// <summary>The field's type is not one that the column can be read from.</summary>
    WrongType,

    /// <summary>The indexes before the message name none of the schema.</summary>
    UnknownMessage,
}
