namespace StreamSQL.Data.Formats.Json;

/// <summary>Why a JSON text could not be read.</summary>
internal enum JsonFault : byte
{
    /// <summary>It could.</summary>
    None,

    /// <summary>The text ends too early.</summary>
    UnexpectedEnd,

    /// <summary>A byte that JSON does not allow there.</summary>
    UnexpectedByte,

    /// <summary>More text after the value.</summary>
    TrailingBytes,

    /// <summary>A number that JSON does not allow.</summary>
    InvalidNumber,

    /// <summary>A backslash with nothing known behind it, or half of a surrogate pair.</summary>
    InvalidEscape,

    /// <summary>Bytes that are no UTF-8.</summary>
    InvalidUtf8,

    /// <summary>Text in a BYTES value that is no base64.</summary>
    InvalidBase64,

    /// <summary>Objects and arrays inside each other beyond <see cref="JsonCursor.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>A well-formed value that the column's type does not take.</summary>
    WrongType,

    /// <summary>A number that the column's type cannot hold.</summary>
    OutOfRange,
}

/// <summary>The words for a <see cref="JsonFault"/>.</summary>
internal static class JsonFaults
{
    /// <summary>A sentence with the column, where known, and the byte of the record.</summary>
    public static string Describe(JsonFault fault, string? column, Types.SqlType? type, int position)
    {
        var what = fault switch
        {
            JsonFault.UnexpectedEnd => "the JSON text ends too early",
            JsonFault.UnexpectedByte => "this byte does not belong here in JSON",
            JsonFault.TrailingBytes => "there is more text after the JSON value",
            JsonFault.InvalidNumber => "not a JSON number",
            JsonFault.InvalidEscape => "invalid escape in a JSON string",
            JsonFault.InvalidUtf8 => "not UTF-8",
            JsonFault.InvalidBase64 => "not base64",
            JsonFault.TooDeep => $"nested more than {JsonCursor.MaxDepth} deep",
            JsonFault.OutOfRange => $"the number does not fit {type}",
            _ => $"the JSON value is not a {type}",
        };
        return column is null ? $"byte {position}: {what}" : $"column {column}, byte {position}: {what}";
    }
}
