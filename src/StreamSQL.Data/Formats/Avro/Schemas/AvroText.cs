using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// A schema's text without what its layout left open: attributes in one order, no white space, types without attributes as their name,
/// namespaces only where they change. Unlike the canonical form it keeps all that the text says:
/// documentation, defaults, aliases, attributes of other programs.
/// </summary>
internal static class AvroText
{
    private static readonly string[] TypeOrder = ["type", "name", "namespace", "doc", "items", "values", "symbols", "size", "fields",
        "default", "aliases"];
    private static readonly string[] FieldOrder = ["name", "type", "doc", "default", "order", "aliases"];

    /// <summary>
    /// The text of a valid schema. Normalized, other programs' attributes are sorted too, and what is implied is left out.
    /// </summary>
    public static string Of(string text, bool normalize)
    {
        var target = new ArrayBufferWriter<byte>();
        using (var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 }))
        using (var json = new Utf8JsonWriter(target,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1024 }))
            new TextWriter(json, normalize).Type(document.RootElement, "");
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    private readonly struct TextWriter(Utf8JsonWriter json, bool normalize)
    {
        public void Type(JsonElement type, string nameSpace)
        {
            switch (type.ValueKind)
            {
                case JsonValueKind.String:
                    Name(type.GetString()!, nameSpace);
                    break;
                case JsonValueKind.Array:
                    json.WriteStartArray();
                    foreach (var branch in type.EnumerateArray())
                        Type(branch, nameSpace);
                    json.WriteEndArray();
                    break;
                default:
                    Object(type, nameSpace);
                    break;
            }
        }

        /// <summary>A reference, without the namespace that holds where it stands.</summary>
        private void Name(string name, string nameSpace) =>
            json.WriteStringValue(nameSpace.Length > 0 && AvroNames.NamespaceOf(name) == nameSpace ? name[(nameSpace.Length + 1)..] : name);

        private void Object(JsonElement type, string nameSpace)
        {
            var inner = type.GetProperty("type");
            if (inner.ValueKind != JsonValueKind.String || type.EnumerateObject().Count() == 1)
            {
                Type(inner, nameSpace);
                return;
            }

            var own = nameSpace;
            json.WriteStartObject();
            foreach (var (name, value) in Ordered(type, TypeOrder))
            {
                switch (name)
                {
                    case "name" when IsNamed(inner):
                        own = FullName(type, value.GetString()!, nameSpace);
                        break;
                    case "namespace" when IsNamed(inner):
                        break;
                    case "items" when inner.ValueEquals("array"u8):
                    case "values" when inner.ValueEquals("map"u8):
                        json.WritePropertyName(name);
                        Type(value, nameSpace);
                        break;
                    case "fields" when inner.ValueEquals("record"u8) || inner.ValueEquals("error"u8):
                        json.WriteStartArray(name);
                        foreach (var field in value.EnumerateArray())
                            Field(field, own);
                        json.WriteEndArray();
                        break;
                    case "aliases" when normalize && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0:
                        break;
                    default:
                        json.WritePropertyName(name);
                        value.WriteTo(json);
                        break;
                }
            }

            json.WriteEndObject();
        }

        /// <summary>Writes the name, and its namespace where that is another than around it; returns the namespace.</summary>
        private string FullName(JsonElement type, string name, string nameSpace)
        {
            var given = type.TryGetProperty("namespace", out var value)
                && value.ValueKind == JsonValueKind.String ? value.GetString()! : nameSpace;
            var fullName = AvroNames.Qualify(name, given);
            var own = AvroNames.NamespaceOf(fullName);
            json.WriteString("name", fullName[(fullName.LastIndexOf('.') + 1)..]);
            if (own != nameSpace)
                json.WriteString("namespace", own);
            return own;
        }

        private void Field(JsonElement field, string nameSpace)
        {
            json.WriteStartObject();
            foreach (var (name, value) in Ordered(field, FieldOrder))
            {
                if (name == "order" && value.ValueEquals("ascending"u8))
                    continue;
                if (name == "aliases" && normalize && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
                    continue;
                json.WritePropertyName(name);
                if (name == "type")
                    Type(value, nameSpace);
                else
                    value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        private static bool IsNamed(JsonElement type) =>
            type.ValueEquals("record"u8) || type.ValueEquals("error"u8) || type.ValueEquals("enum"u8) || type.ValueEquals("fixed"u8);

        /// <summary>The attributes that Avro defines in its order, then the others.</summary>
        private IEnumerable<(string Name, JsonElement Value)> Ordered(JsonElement item, string[] order)
        {
            foreach (var name in order)
            {
                if (item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                    yield return (name, value);
                else if (name == "default" && item.TryGetProperty(name, out value))
                    yield return (name, value);
            }

            var others = item.EnumerateObject().Where(member => !order.Contains(member.Name))
                .Select(static member => (member.Name, member.Value));
            foreach (var member in normalize ? others.OrderBy(static m => m.Name, StringComparer.Ordinal) : others)
                yield return member;
        }
    }
}
