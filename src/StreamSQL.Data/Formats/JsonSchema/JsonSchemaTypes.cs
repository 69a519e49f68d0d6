using System.Globalization;
using System.Text.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>The SQL types of a JSON Schema, by the annotations of Kafka Connect's converter where there are any.</summary>
internal sealed class JsonSchemaTypes
{
    private const int DefaultPrecision = 64;

    private readonly JsonSchemaDocument _document;
    private readonly bool _inJavaOrder;

    private JsonSchemaTypes(JsonSchemaDocument document, bool inJavaOrder) => (_document, _inJavaOrder) = (document, inJavaOrder);

    /// <summary>
    /// The root's type; where the schema numbers no fields, in the order of the document or of ksqlDB (<see cref="JavaOrder"/>).
    /// </summary>
    /// <exception cref="Errors.SqlException">22023: nothing in it has a SQL type.</exception>
    public static SqlType Of(JsonSchemaDocument document, bool inJavaOrder = false) =>
        new JsonSchemaTypes(document, inJavaOrder).TypeOf(document.Root, JsonSchemaDocument.MaxDepth)
            ?? throw JsonSchemaDocument.Invalid("nothing in it has a SQL type");

    /// <summary>Null when SQL has no such type.</summary>
    private SqlType? TypeOf(JsonElement schema, int depth)
    {
        if (depth == 0)
            throw JsonSchemaDocument.Invalid("nested too deeply, or in a circle");
        schema = _document.Follow(schema);
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        if (Alternatives(schema) is { } alternatives)
            return TypeOfAlternatives(alternatives, depth);
        return TypeName(schema) switch
        {
            "boolean" => SqlType.Boolean,
            "integer" => IntegerOf(schema),
            "number" => NumberOf(schema),
            "string" => Text(schema, "connect.type") == "bytes" ? SqlType.Bytes : SqlType.Varchar,
            "array" => ArrayOf(schema, depth),
            "object" => ObjectOf(schema, depth),
            _ => null,
        };
    }

    /// <summary>oneOf and anyOf; what is only null and one other thing is that thing.</summary>
    private static JsonElement[]? Alternatives(JsonElement schema) =>
        (schema.TryGetProperty("oneOf", out var list) || schema.TryGetProperty("anyOf", out list)) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray()]
            : null;

    private SqlType? TypeOfAlternatives(JsonElement[] alternatives, int depth)
    {
        var types = alternatives.Where(part => TypeName(_document.Follow(part)) != "null")
            .Select(part => TypeOf(part, depth - 1)).ToArray();
        if (types is [var only])
            return only;

        // Kafka Connect's converter makes a struct of a choice, with a field for each.
        var fields = types.Select(static (type, i) => type is null ? null : new StructField($"connect_union_field_{i}", type))
            .OfType<StructField>().ToArray();
        return fields.Length == 0 ? null : SqlType.StructOf(fields);
    }

    /// <summary>The type's name; of several, the one beside null. A schema that only has properties is an object.</summary>
    private static string? TypeName(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        if (!schema.TryGetProperty("type", out var type))
            return schema.TryGetProperty("properties", out _) ? "object" : schema.TryGetProperty("enum", out _) ? "string" : null;
        if (type.ValueKind == JsonValueKind.String)
            return type.GetString();
        var names = type.EnumerateArray().Select(static name => name.GetString()).Where(static name => name != "null").ToArray();
        return names is [var only] ? only : null;
    }

    private static SqlType IntegerOf(JsonElement schema) => (Text(schema, "title"), Text(schema, "connect.type")) switch
    {
        (JsonSchemaWriter.DateTitle, _) => SqlType.Date,
        (JsonSchemaWriter.TimeTitle, _) => SqlType.Time,
        (JsonSchemaWriter.TimestampTitle, _) => SqlType.Timestamp,
        (_, "int8" or "int16" or "int32") => SqlType.Integer,
        _ => SqlType.BigInt,
    };

    private static SqlType NumberOf(JsonElement schema)
    {
        if (Text(schema, "title") != JsonSchemaWriter.DecimalTitle)
            return SqlType.Double;
        var scale = Parameter(schema, "scale") ?? 0;
        var precision = Math.Min(SqlType.MaxPrecision, Parameter(schema, "connect.decimal.precision") ?? DefaultPrecision);
        return scale < 0 || precision < 1 || scale > precision
            ? throw JsonSchemaDocument.Invalid($"a DECIMAL cannot have {precision} digits, {scale} of them after the point")
            : SqlType.Decimal(precision, scale);
    }

    private static int? Parameter(JsonElement schema, string name) =>
        schema.TryGetProperty("connect.parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty(name, out var value)
        && int.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private SqlType? ArrayOf(JsonElement schema, int depth)
    {
        if (!schema.TryGetProperty("items", out var items) || TypeOf(items, depth - 1) is not { } element)
            return null;
        // A map whose keys are not text is an array of entries.
        return Text(schema, "connect.type") == "map" && element.Kind == SqlTypeKind.Struct
            && element.Fields is [{ Name: "key" } key, { Name: "value" } value]
            ? SqlType.MapOf(key.Type, value.Type)
            : SqlType.ArrayOf(element);
    }

    private SqlType? ObjectOf(JsonElement schema, int depth)
    {
        var hasProperties = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object;
        var hasValues = schema.TryGetProperty("additionalProperties", out var values) && values.ValueKind == JsonValueKind.Object;
        if (Text(schema, "connect.type") == "map" || (!hasProperties && hasValues))
            return hasValues && TypeOf(values, depth - 1) is { } value ? SqlType.MapOf(SqlType.Varchar, value) : null;
        if (!hasProperties)
            return null;
        var fields = new List<(int Index, StructField Field)>();
        JsonProperty[] members = [.. properties.EnumerateObject()];
        foreach (var property in _inJavaOrder ? JavaOrder.Of(members, static member => member.Name) : members)
        {
            if (TypeOf(property.Value, depth - 1) is { } type)
                fields.Add((IndexOf(property.Value, fields.Count), new StructField(property.Name, type)));
        }

        return fields.Count == 0 ? null : SqlType.StructOf(
            [.. fields.OrderBy(static field => field.Index).Select(static field => field.Field)]);
    }

    private static int IndexOf(JsonElement property, int otherwise) =>
        property.ValueKind == JsonValueKind.Object && property.TryGetProperty("connect.index", out var index)
            && index.TryGetInt32(out var number) ? number : otherwise;

    private static string? Text(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
