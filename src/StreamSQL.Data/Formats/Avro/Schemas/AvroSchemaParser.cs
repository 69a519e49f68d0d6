using System.Text.Json;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Formats.Avro.Schemas;

/// <summary>
/// Reads schemas from JSON, one after the other into one table of named types. Attributes that Avro does not define are permitted and have
/// no meaning, except those with which Kafka Connect marks map entries.
/// </summary>
internal sealed class AvroSchemaParser
{
    /// <summary>Types inside each other.</summary>
    private const int MaxDepth = 100;

    /// <summary>Objects and lists inside each other in the text: a type is up to four deeper than the one around it.</summary>
    private const int MaxJsonDepth = (4 * MaxDepth) + 8;

    private readonly Dictionary<string, AvroSchema> _named = new(StringComparer.Ordinal);
    private readonly List<(string Path, AvroField Field, JsonElement Value)> _defaults = [];

    /// <summary>Reads one schema.</summary>
    public AvroSchema Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxJsonDepth });
            var schema = ReadType(document.RootElement, "", new AvroPath("", 0));
            // Defaults last: a default may be of a type that is not yet complete where it stands.
            foreach (var (path, field, value) in _defaults)
                field.Default = AvroDefaults.Encode(field.Schema, value, path);
            _defaults.Clear();
            return schema;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: an escape that is half a character.
            throw Invalid($"The Avro schema is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // JSON may escape halves of a surrogate pair, which no text can hold.
            throw Invalid($"The Avro schema holds a text that cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The error for a schema that is not valid.</summary>
    internal static SqlException Invalid(string message, Exception? inner = null) =>
        new(PostgresErrorCodes.InvalidParameterValue, message, inner: inner);

    private AvroSchema ReadType(JsonElement json, string nameSpace, AvroPath path)
    {
        if (path.Depth > MaxDepth)
            throw path.Invalid($"types are more than {MaxDepth} deep inside each other");
        return json.ValueKind switch
        {
            JsonValueKind.String => Refer(json.GetString()!, nameSpace, path),
            JsonValueKind.Array => ReadUnion(json, nameSpace, path),
            JsonValueKind.Object => ReadObject(json, nameSpace, path),
            _ => throw path.Invalid($"a type is a name, a list of types or an object, not {json.GetRawText()}"),
        };
    }

    private AvroSchema Refer(string name, string nameSpace, AvroPath path)
    {
        if (PrimitiveKind(name) is { } kind)
            return AvroSchema.Primitive(kind);
        if (_named.TryGetValue(AvroNames.Qualify(name, nameSpace), out var schema) || _named.TryGetValue(name, out schema))
            return schema;
        throw path.Invalid($"there is no type \"{name}\"");
    }

    private AvroSchema ReadUnion(JsonElement json, string nameSpace, AvroPath path)
    {
        var branches = new List<AvroSchema>(json.GetArrayLength());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in json.EnumerateArray())
        {
            var branch = ReadType(item, nameSpace, path.Inside($"[{branches.Count}]"));
            if (branch.Kind == AvroKind.Union)
                throw path.Invalid("a union may not directly hold a union");
            if (!seen.Add(branch.IsNamed ? branch.FullName : AvroSchema.NameOf(branch.Kind)))
                throw path.Invalid($"the union has {branch} twice");
            branches.Add(branch);
        }

        if (branches.Count == 0)
            throw path.Invalid("a union must have branches");
        return AvroSchema.Union(branches);
    }

    private AvroSchema ReadObject(JsonElement json, string nameSpace, AvroPath path)
    {
        if (!json.TryGetProperty("type", out var type))
            throw path.Invalid("\"type\" is missing");
        if (type.ValueKind != JsonValueKind.String)
            return ReadType(type, nameSpace, path.Deeper());
        var name = type.GetString()!;
        switch (name)
        {
            case "record" or "error":
                return ReadRecord(json, nameSpace, path);
            case "enum":
                return ReadEnum(json, nameSpace, path);
            case "fixed":
                return ReadFixed(json, nameSpace, path);
            case "array":
                return AvroSchema.Collection(AvroKind.Array, ReadType(Require(json, "items", path), nameSpace, path.Inside("[]")));
            case "map":
                return AvroSchema.Collection(AvroKind.Map, ReadType(Require(json, "values", path), nameSpace, path.Inside("{}")));
        }

        if (PrimitiveKind(name) is not { } kind)
            return Refer(name, nameSpace, path);
        var (logical, precision, scale) = AvroLogicalTypes.Read(json, kind, 0);
        return AvroSchema.Primitive(kind, logical, precision, scale);
    }

    private AvroSchema ReadRecord(JsonElement json, string nameSpace, AvroPath path)
    {
        var (fullName, aliases) = ReadName(json, nameSpace, path);
        var isEntry = Text(json, "connect.internal.type", path) == "MapEntry" || fullName == "io.confluent.connect.avro.MapEntry";
        var record = AvroSchema.Record(fullName, aliases, isEntry);
        Define(record, path);
        var list = Require(json, "fields", path);
        if (list.ValueKind != JsonValueKind.Array)
            throw path.Invalid("\"fields\" must be a list");
        var fields = new List<AvroField>(list.GetArrayLength());
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray())
        {
            var field = ReadField(item, AvroNames.NamespaceOf(fullName), path);
            if (!names.Add(field.Name))
                throw path.Invalid($"the record {fullName} has two fields \"{field.Name}\"");
            fields.Add(field);
        }

        record.Fields = fields;
        return record;
    }

    private AvroField ReadField(JsonElement json, string nameSpace, AvroPath path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw path.Invalid("a field must be an object");
        var name = Text(json, "name", path) ?? throw path.Invalid("a field has no \"name\"");
        if (AvroNames.Fault(name) is { } fault)
            throw path.Invalid(fault);
        var inside = path.Inside(name);
        var order = Text(json, "order", inside);
        if (order is not (null or "ascending" or "descending" or "ignore"))
            throw inside.Invalid($"\"order\" is ascending, descending or ignore, not \"{order}\"");
        var field = new AvroField(name, ReadType(Require(json, "type", inside), nameSpace, inside), Texts(json, "aliases", inside));
        if (json.TryGetProperty("default", out var value))
            _defaults.Add((inside.Text, field, value));
        return field;
    }

    private AvroSchema ReadEnum(JsonElement json, string nameSpace, AvroPath path)
    {
        var (fullName, aliases) = ReadName(json, nameSpace, path);
        if (!json.TryGetProperty("symbols", out _))
            throw path.Invalid("\"symbols\" is missing");
        var symbols = Texts(json, "symbols", path);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var symbol in symbols)
        {
            if (AvroNames.Fault(symbol) is { } fault)
                throw path.Invalid(fault);
            if (!seen.Add(symbol))
                throw path.Invalid($"the enum {fullName} has the symbol \"{symbol}\" twice");
        }

        var byDefault = Text(json, "default", path);
        if (byDefault is not null && !seen.Contains(byDefault))
            throw path.Invalid($"the default \"{byDefault}\" is no symbol of the enum {fullName}");
        var schema = AvroSchema.Enum(fullName, aliases, symbols, byDefault);
        Define(schema, path);
        return schema;
    }

    private AvroSchema ReadFixed(JsonElement json, string nameSpace, AvroPath path)
    {
        var (fullName, aliases) = ReadName(json, nameSpace, path);
        var given = Require(json, "size", path);
        if (given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out var size) || size < 0)
            throw path.Invalid("\"size\" must be a number of bytes");
        var (logical, precision, scale) = AvroLogicalTypes.Read(json, AvroKind.Fixed, size);
        var schema = AvroSchema.Fixed(fullName, aliases, size, logical, precision, scale);
        Define(schema, path);
        return schema;
    }

    private static (string FullName, IReadOnlyList<string> Aliases) ReadName(JsonElement json, string nameSpace, AvroPath path)
    {
        var name = Text(json, "name", path) ?? throw path.Invalid("a named type has no \"name\"");
        var fullName = AvroNames.Qualify(name, Text(json, "namespace", path) ?? nameSpace);
        if (AvroNames.FullNameFault(fullName) is { } fault)
            throw path.Invalid(fault);
        if (PrimitiveKind(fullName) is not null)
            throw path.Invalid($"\"{fullName}\" is the name of a primitive type");
        var own = AvroNames.NamespaceOf(fullName);
        return (fullName, [.. Texts(json, "aliases", path).Select(alias => AvroNames.Qualify(alias, own))]);
    }

    private void Define(AvroSchema schema, AvroPath path)
    {
        if (!_named.TryAdd(schema.FullName, schema))
            throw path.Invalid($"the type \"{schema.FullName}\" is defined twice");
    }

    private static JsonElement Require(JsonElement json, string attribute, AvroPath path) =>
        json.TryGetProperty(attribute, out var value) ? value : throw path.Invalid($"\"{attribute}\" is missing");

    private static string? Text(JsonElement json, string attribute, AvroPath path)
    {
        if (!json.TryGetProperty(attribute, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw path.Invalid($"\"{attribute}\" must be a string");
    }

    private static IReadOnlyList<string> Texts(JsonElement json, string attribute, AvroPath path)
    {
        if (!json.TryGetProperty(attribute, out var list) || list.ValueKind == JsonValueKind.Null)
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(static item => item.ValueKind != JsonValueKind.String))
            throw path.Invalid($"\"{attribute}\" must be a list of strings");
        return [.. list.EnumerateArray().Select(static item => item.GetString()!)];
    }

    private static AvroKind? PrimitiveKind(string name) => name switch
    {
        "null" => AvroKind.Null,
        "boolean" => AvroKind.Boolean,
        "int" => AvroKind.Int,
        "long" => AvroKind.Long,
        "float" => AvroKind.Float,
        "double" => AvroKind.Double,
        "bytes" => AvroKind.Bytes,
        "string" => AvroKind.String,
        _ => null,
    };
}

/// <summary>A place in a schema: the fields' names on the way to it.</summary>
internal readonly record struct AvroPath(string Text, int Depth)
{
    /// <summary>The place inside, at a field or item.</summary>
    public AvroPath Inside(string name) =>
        new(Text.Length == 0 || name[0] is '[' or '{' ? Text + name : $"{Text}.{name}", Depth + 1);

    /// <summary>The same place, one object deeper in the text.</summary>
    public AvroPath Deeper() => this with { Depth = Depth + 1 };

    /// <summary>The error for what is wrong there.</summary>
    public SqlException Invalid(string reason) =>
        AvroSchemaParser.Invalid(Text.Length == 0 ? $"The Avro schema is not valid: {reason}."
            : $"The Avro schema is not valid at {Text}: {reason}.");
}
