using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>A JSON Schema, parsed, with the ones that it refers to.</summary>
internal sealed class JsonSchemaDocument : IDisposable
{
    /// <summary>How deep schemas may be nested, references followed included.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions s_parsing = new() { MaxDepth = MaxDepth };
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonDocument _main;
    private readonly Dictionary<string, JsonDocument> _imports = new(StringComparer.Ordinal);

    private JsonSchemaDocument(JsonDocument main) => _main = main;

    /// <summary>The schema.</summary>
    public JsonElement Root => _main.RootElement;

    /// <summary>Parses a schema.</summary>
    /// <exception cref="SqlException">22023: not a JSON Schema.</exception>
    public static JsonSchemaDocument Parse(ResolvedSchema schema)
    {
        var document = new JsonSchemaDocument(Read(schema.Text));
        try
        {
            foreach (var import in schema.Imports)
                document._imports[import.Name] = Read(import.Text);
            document.Check(document.Root, MaxDepth);
            return document;
        }
        catch (SqlException)
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>What a schema means once its $ref is followed; the schema itself when it has none.</summary>
    /// <exception cref="SqlException">22023: there is no such schema, or the references go in a circle.</exception>
    public JsonElement Follow(JsonElement schema)
    {
        for (var hops = 0; hops < MaxDepth; hops++)
        {
            if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$ref", out var reference)
                || reference.ValueKind != JsonValueKind.String)
                return schema;
            schema = Resolve(reference.GetString()!);
        }

        throw Invalid("its references go in a circle");
    }

    /// <summary>The names of the properties of the outermost object.</summary>
    public IReadOnlyList<string> PropertyNames()
    {
        var root = Follow(Root);
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("properties", out var properties)
            && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Select(static property => property.Name)]
            : [];
    }

    /// <summary>The text without white space; normalized, with its members sorted.</summary>
    public string Canonical(bool normalize)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_writing))
            Write(writer, Root, normalize);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _main.Dispose();
        foreach (var import in _imports.Values)
            import.Dispose();
    }

    /// <summary>The error for a text that is no JSON Schema.</summary>
    public static SqlException Invalid(string reason, Exception? inner = null) =>
        new(PostgresErrorCodes.InvalidParameterValue, $"Invalid JSON Schema: {reason}", inner: inner);

    private static JsonDocument Read(string text)
    {
        try
        {
            return JsonDocument.Parse(text, s_parsing);
        }
        catch (JsonException error)
        {
            throw Invalid(error.Message, error);
        }
    }

    private JsonElement Resolve(string reference)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var name = hash < 0 ? reference : reference[..hash];
        var element = name.Length == 0 ? Root
            : _imports.TryGetValue(name, out var import) ? import.RootElement
            : throw Invalid($"there is no schema {name}, which it refers to");
        var path = hash < 0 ? "" : reference[(hash + 1)..];
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var member = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(member, out element))
                throw Invalid($"there is nothing at {reference}, which it refers to");
        }

        return element;
    }

    /// <summary>A schema is an object or a boolean, and what its members with schemas hold are schemas.</summary>
    private void Check(JsonElement schema, int depth)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return;
        if (schema.ValueKind != JsonValueKind.Object)
            throw Invalid($"an object expected, {schema.ValueKind.ToString().ToLowerInvariant()} found");
        if (depth == 0)
            throw Invalid("nested too deeply");
        if (schema.TryGetProperty("type", out var type))
            CheckTypeName(type);
        if (schema.TryGetProperty("$ref", out var reference))
        {
            if (reference.ValueKind != JsonValueKind.String)
                throw Invalid("$ref must be a string");
            Follow(schema);
        }

        foreach (var map in (string[])["properties", "definitions", "$defs", "patternProperties"])
        {
            if (!schema.TryGetProperty(map, out var members))
                continue;
            if (members.ValueKind != JsonValueKind.Object)
                throw Invalid($"{map} must be an object");
            foreach (var member in members.EnumerateObject())
                Check(member.Value, depth - 1);
        }

        foreach (var list in (string[])["oneOf", "anyOf", "allOf"])
        {
            if (!schema.TryGetProperty(list, out var parts))
                continue;
            if (parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() == 0)
                throw Invalid($"{list} must be an array that is not empty");
            foreach (var part in parts.EnumerateArray())
                Check(part, depth - 1);
        }

        if (schema.TryGetProperty("items", out var items))
        {
            foreach (var item in items.ValueKind == JsonValueKind.Array ? items.EnumerateArray().ToArray() : [items])
                Check(item, depth - 1);
        }

        if (schema.TryGetProperty("additionalProperties", out var additional))
            Check(additional, depth - 1);
    }

    private static void CheckTypeName(JsonElement type)
    {
        foreach (var name in type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type])
        {
            if (name.ValueKind != JsonValueKind.String
                || name.GetString() is not ("null" or "boolean" or "object" or "array" or "number" or "string" or "integer"))
            {
                throw Invalid($"unknown type {name.GetRawText()}");
            }
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, bool sorted)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                var members = element.EnumerateObject().AsEnumerable();
                foreach (var member in sorted ? members.OrderBy(static member => member.Name, StringComparer.Ordinal) : members)
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, sorted);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item, sorted);
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
