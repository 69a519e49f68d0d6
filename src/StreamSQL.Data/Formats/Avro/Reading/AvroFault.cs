namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>What is wrong with a value's bytes.</summary>
internal enum AvroFault : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The record ends inside the value.</summary>
    Truncated,

    /// <summary>An integer of more than 64 bits.</summary>
    IntegerTooLong,

    /// <summary>A value that the writer's or the column's type does not have.</summary>
    OutOfRange,

    /// <summary>A length or count that is negative, or more than the record has bytes for.</summary>
    BadLength,

    /// <summary>No branch of the union.</summary>
    BadBranch,

    /// <summary>No symbol of the enum.</summary>
    BadSymbol,

    /// <summary>A boolean that is neither 0 nor 1.</summary>
    BadBoolean,

    /// <summary>Text that is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>A map's key that is null.</summary>
    NullKey,

    /// <summary>Values too deep inside each other.</summary>
    TooDeep,

    /// <summary>The writer's type cannot be read as the column's; the step tells it.</summary>
    Incompatible,

    /// <summary>Bytes after the record.</summary>
    TrailingBytes,
}

/// <summary>Faults as text.</summary>
internal static class AvroFaults
{
    /// <summary>Tells a fault, and where it was when that is known.</summary>
    public static string Describe(AvroFault fault, AvroStep? step)
    {
        var reason = fault switch
        {
            AvroFault.Truncated => "the record ends inside a value",
            AvroFault.IntegerTooLong => "an integer has more than 64 bits",
            AvroFault.OutOfRange => $"the value is out of range{(step?.Type is { } type ? $" of {type}" : "")}",
            AvroFault.BadLength => "a length or count is negative or more than the bytes that are left",
            AvroFault.BadBranch => "the union has no such branch",
            AvroFault.BadSymbol => "the enum has no such symbol",
            AvroFault.BadBoolean => "a boolean is neither 0 nor 1",
            AvroFault.InvalidUtf8 => "not UTF-8",
            AvroFault.NullKey => "a map's key is null",
            AvroFault.TooDeep => "values are too deep inside each other",
            AvroFault.TrailingBytes => "there are bytes after the record",
            _ => step?.Reason ?? "",
        };
        return step is null || step.Path.Length == 0 ? reason : $"column {step.Path}: {reason}";
    }
}
