using System.Text.Json;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>Turns the JSON in which cases write keys or values into the bytes of a topic, and compares bytes with it.</summary>
internal abstract class RecordCodec
{
    /// <summary>The bytes; null for none.</summary>
    public abstract byte[]? Encode(JsonElement? value);

    /// <summary>Whether the bytes say what is expected; null when they do, else how they differ.</summary>
    public abstract string? Compare(JsonElement? expected, byte[]? actual, bool exactNumbers);
}
