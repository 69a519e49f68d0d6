using System.Text.Json;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>
/// Whether everything that is valid under one JSON Schema is valid under another. It is careful: where that cannot be told from the
/// schemas' structure the answer is no.
/// </summary>
internal sealed class JsonSchemaComparison
{
    private const int MaxReasons = 100;

    private static readonly string[] s_upperBounds = ["maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"];
    private static readonly string[] s_lowerBounds = ["minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"];
    private static readonly string[] s_mustBeSame =
        ["pattern", "format", "multipleOf", "not", "patternProperties", "dependencies", "contains", "propertyNames"];
    private static readonly string[] s_allTypes = ["null", "boolean", "object", "array", "number", "string", "integer"];
    private static readonly JsonElement s_anything = JsonDocument.Parse("true").RootElement;

    private readonly JsonSchemaDocument _reader;
    private readonly JsonSchemaDocument _writer;
    private readonly HashSet<(string Reader, string Writer)> _compared = [];

    private JsonSchemaComparison(JsonSchemaDocument reader, JsonSchemaDocument writer)
    {
        _reader = reader;
        _writer = writer;
    }

    /// <summary>Why the reader refuses something that the writer allows; empty when it does not.</summary>
    public static IReadOnlyList<string> Compare(JsonSchemaDocument reader, JsonSchemaDocument writer)
    {
        var reasons = new List<string>();
        new JsonSchemaComparison(reader, writer).Compare(reader.Root, writer.Root, "#", reasons);
        return reasons;
    }

    private void Compare(JsonElement reader, JsonElement writer, string path, List<string> reasons)
    {
        // Schemas that refer to themselves: what is being compared already need not be compared inside.
        if (reasons.Count >= MaxReasons || (RefOf(reader) is { } left && RefOf(writer) is { } right && !_compared.Add((left, right))))
            return;
        reader = _reader.Follow(reader);
        writer = _writer.Follow(writer);
        if (AllowsAll(reader) || writer.ValueKind == JsonValueKind.False)
            return;
        if (reader.ValueKind == JsonValueKind.False)
            reasons.Add($"{path}: the reader's schema allows nothing");
        else if (Alternatives(writer) is { } written)
            CompareEach(reader, written, path, reasons);
        else if (Alternatives(reader) is { } read)
            CompareAny(read, writer, path, reasons);
        else if (Parts(writer, "allOf") is { } narrowed && Parts(reader, "allOf") is null)
            CompareNarrowed(reader, narrowed, path, reasons);
        else
            CompareSimple(reader, writer, path, reasons);
    }

    /// <summary>All that the writer chooses from must be allowed.</summary>
    private void CompareEach(JsonElement reader, JsonElement[] written, string path, List<string> reasons)
    {
        for (var i = 0; i < written.Length; i++)
            Compare(reader, written[i], written.Length == 1 ? path : $"{path}/oneOf/{i}", reasons);
    }

    private void CompareAny(JsonElement[] read, JsonElement writer, string path, List<string> reasons)
    {
        List<string>? nearest = null;
        foreach (var alternative in read)
        {
            var found = new List<string>();
            Compare(alternative, writer, path, found);
            if (found.Count == 0)
                return;
            if (nearest is null || (HasType(writer, alternative) && found.Count <= nearest.Count))
                nearest = found;
        }

        reasons.AddRange(nearest!);
    }

    private void CompareNarrowed(JsonElement reader, JsonElement[] narrowed, string path, List<string> reasons)
    {
        foreach (var part in narrowed)
        {
            var found = new List<string>();
            Compare(reader, part, path, found);
            if (found.Count == 0)
                return;
        }

        reasons.Add($"{path}: none of the parts of the writer's allOf is allowed by the reader's schema");
    }

    private void CompareSimple(JsonElement reader, JsonElement writer, string path, List<string> reasons)
    {
        foreach (var part in Parts(reader, "allOf") ?? [])
            Compare(part, writer, path, reasons);
        if (reader.ValueKind != JsonValueKind.Object)
            return;
        var readTypes = Types(reader);
        if (Types(writer).FirstOrDefault(type => !readTypes.Contains(type)
            && !(type == "integer" && readTypes.Contains("number"))) is { } refused)
        {
            reasons.Add($"{path}: type {refused} is not allowed by the reader's schema");
            return;
        }

        CompareValues(reader, writer, path, reasons);
        if (Types(writer).Contains("object"))
            CompareObjects(reader, writer, path, reasons);
        if (Types(writer).Contains("array"))
            CompareArrays(reader, writer, path, reasons);
    }

    private static void CompareValues(JsonElement reader, JsonElement writer, string path, List<string> reasons)
    {
        if (Allowed(reader) is { } allowed && (Allowed(writer) is not { } written || written.Any(value => !allowed.Contains(value))))
            reasons.Add($"{path}: the reader's enum does not have all values that the writer may use");
        foreach (var name in s_upperBounds)
            CompareBound(reader, writer, name, 1, path, reasons);
        foreach (var name in s_lowerBounds)
            CompareBound(reader, writer, name, -1, path, reasons);
        foreach (var name in s_mustBeSame)
        {
            if (Member(reader, name) is { } wanted && (Member(writer, name) is not { } given || !JsonElement.DeepEquals(wanted, given)))
                reasons.Add($"{path}/{name}: the reader's schema has it, the writer's has not the same");
        }
    }

    private static void CompareBound(JsonElement reader, JsonElement writer, string name, int direction, string path, List<string> reasons)
    {
        if (Member(reader, name) is not { ValueKind: JsonValueKind.Number } bound)
            return;
        if (Member(writer, name) is not { ValueKind: JsonValueKind.Number } given
            || direction * given.GetDouble() > direction * bound.GetDouble())
            reasons.Add($"{path}/{name}: the reader's schema is narrower than the writer's");
    }

    private void CompareObjects(JsonElement reader, JsonElement writer, string path, List<string> reasons)
    {
        var read = Properties(reader);
        var written = Properties(writer);
        var readOther = Member(reader, "additionalProperties") ?? s_anything;
        var writtenOther = Member(writer, "additionalProperties") ?? s_anything;
        foreach (var (name, schema) in read)
            Compare(schema, written.GetValueOrDefault(name, writtenOther), $"{path}/properties/{name}", reasons);
        foreach (var (name, schema) in written)
        {
            if (!read.ContainsKey(name))
                Compare(readOther, schema, $"{path}/properties/{name}", reasons);
        }

        Compare(readOther, writtenOther, $"{path}/additionalProperties", reasons);
        var always = Names(writer, "required");
        foreach (var name in Names(reader, "required"))
        {
            if (!always.Contains(name)
                && !(read.TryGetValue(name, out var schema) && Member(_reader.Follow(schema), "default") is not null))
                reasons.Add($"{path}/properties/{name}: required by the reader's schema, without a default, and not by the writer's");
        }
    }

    private void CompareArrays(JsonElement reader, JsonElement writer, string path, List<string> reasons)
    {
        var read = Member(reader, "items") ?? s_anything;
        var written = Member(writer, "items") ?? s_anything;
        if (read.ValueKind == JsonValueKind.Array || written.ValueKind == JsonValueKind.Array)
        {
            if (!JsonElement.DeepEquals(read, written))
                reasons.Add($"{path}/items: items with a schema for each place must be the same");
        }
        else
        {
            Compare(read, written, $"{path}/items", reasons);
        }

        if (Member(reader, "uniqueItems") is { ValueKind: JsonValueKind.True }
            && Member(writer, "uniqueItems") is not { ValueKind: JsonValueKind.True })
            reasons.Add($"{path}/uniqueItems: only the reader's schema has it");
    }

    private bool HasType(JsonElement writer, JsonElement alternative)
    {
        alternative = _reader.Follow(alternative);
        return Types(writer).Any(Types(alternative).Contains);
    }

    private static bool AllowsAll(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.True || (schema.ValueKind == JsonValueKind.Object && !schema.EnumerateObject().Any());

    /// <summary>What a value must be one of; null when the schema is no choice.</summary>
    private static JsonElement[]? Alternatives(JsonElement schema) => Parts(schema, "oneOf") ?? Parts(schema, "anyOf");

    private static JsonElement[]? Parts(JsonElement schema, string name) =>
        Member(schema, name) is { ValueKind: JsonValueKind.Array } parts ? [.. parts.EnumerateArray()] : null;

    private static string? RefOf(JsonElement schema) =>
        Member(schema, "$ref") is { ValueKind: JsonValueKind.String } reference ? reference.GetString() : null;

    private static IReadOnlyList<string> Types(JsonElement schema) => Member(schema, "type") switch
    {
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } => Names(schema, "type"),
        _ => s_allTypes,
    };

    private static string[]? Allowed(JsonElement schema) =>
        Parts(schema, "enum")?.Select(static value => value.GetRawText()).ToArray()
            ?? (Member(schema, "const") is { } only ? [only.GetRawText()] : null);

    private static string[] Names(JsonElement schema, string name) =>
        [.. (Parts(schema, name) ?? []).Where(static item => item.ValueKind == JsonValueKind.String)
            .Select(static item => item.GetString()!)];

    private static Dictionary<string, JsonElement> Properties(JsonElement schema)
    {
        var properties = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (Member(schema, "properties") is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (var member in members.EnumerateObject())
                properties[member.Name] = member.Value;
        }

        return properties;
    }

    private static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) ? value : null;
}
