using System.Buffers;
using System.Text;
using System.Text.Json;
using StreamSQL.Data.Formats.Json;

namespace StreamSQL.Data.Functions.Json;

/// <summary>JSON as PostgreSQL keeps it: json as it was written; jsonb with its keys in order and once each, and its own spaces.</summary>
internal static class JsonValue
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 64 };

    /// <summary>The document of a text; null when it is no JSON.</summary>
    public static JsonDocument? TryParse(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, ReaderOptions);
            var document = JsonDocument.ParseValue(ref reader);
            if (!reader.Read())
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Appends a value as jsonb prints it.</summary>
    public static void WriteJsonb(JsonElement value, IBufferWriter<byte> writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, writer);
                break;
            case JsonValueKind.Array:
                var separator = "["u8;
                foreach (var element in value.EnumerateArray())
                {
                    writer.Write(separator);
                    WriteJsonb(element, writer);
                    separator = ", "u8;
                }

                writer.Write(value.GetArrayLength() == 0 ? "[]"u8 : "]"u8);
                break;
            case JsonValueKind.String:
                WriteString(value.GetString()!, writer);
                break;
            case JsonValueKind.Number when value.GetRawText() is var text
                && (text.AsSpan().IndexOfAny('e', 'E') >= 0 || text.StartsWith("-0", StringComparison.Ordinal)):
                writer.Write(Encoding.UTF8.GetBytes(JsonDecimal.Parse(text).ToString()));
                break;
            default:
                writer.Write(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    /// <summary>A value as jsonb prints it.</summary>
    public static byte[] ToJsonb(JsonElement value)
    {
        var writer = new ArrayBufferWriter<byte>();
        WriteJsonb(value, writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The members of an object in jsonb's order: shorter keys first; of equal keys the last.</summary>
    public static IEnumerable<JsonProperty> Members(JsonElement value) => value.EnumerateObject()
        .GroupBy(static member => member.Name, StringComparer.Ordinal).Select(static same => same.Last())
        .OrderBy(static member => Encoding.UTF8.GetByteCount(member.Name)).ThenBy(static member => member.Name, StringComparer.Ordinal);

    /// <summary>Appends a quoted text.</summary>
    public static void WriteString(string text, IBufferWriter<byte> writer)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var span = writer.GetSpan(JsonText.MaxStringLength(bytes.Length));
        writer.Advance(JsonText.WriteString(span, bytes));
    }

    /// <summary>Whether a value has all that another has: PostgreSQL's containment.</summary>
    public static bool Contains(JsonElement whole, JsonElement part, bool isTop = true)
    {
        if (whole.ValueKind == JsonValueKind.Array && part.ValueKind != JsonValueKind.Array)
            return isTop && part.ValueKind != JsonValueKind.Object && whole.EnumerateArray().Any(element => AreEqual(element, part));
        return (whole.ValueKind, part.ValueKind) switch
        {
            (JsonValueKind.Object, JsonValueKind.Object) => part.EnumerateObject().All(member =>
                whole.TryGetProperty(member.Name, out var own) && Contains(own, member.Value, isTop: false)),
            (JsonValueKind.Array, JsonValueKind.Array) => part.EnumerateArray().All(element =>
                whole.EnumerateArray().Any(own => element.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                    ? own.ValueKind == element.ValueKind && Contains(own, element, isTop: false) : AreEqual(own, element))),
            _ => AreEqual(whole, part),
        };
    }

    private static bool AreEqual(JsonElement a, JsonElement b) => a.ValueKind == b.ValueKind && (a.ValueKind switch
    {
        JsonValueKind.String => a.GetString() == b.GetString(),
        JsonValueKind.Number => a.TryGetDecimal(out var x) && b.TryGetDecimal(out var y) ? x == y : a.GetDouble().Equals(b.GetDouble()),
        JsonValueKind.Object or JsonValueKind.Array => ToJsonb(a).AsSpan().SequenceEqual(ToJsonb(b)),
        _ => true,
    });

    private static void WriteObject(JsonElement value, IBufferWriter<byte> writer)
    {
        var isFirst = true;
        writer.Write("{"u8);
        foreach (var member in Members(value))
        {
            if (!isFirst)
                writer.Write(", "u8);
            isFirst = false;
            WriteString(member.Name, writer);
            writer.Write(": "u8);
            WriteJsonb(member.Value, writer);
        }

        writer.Write("}"u8);
    }
}
