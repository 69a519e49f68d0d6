using System.Text.Json;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Schemas;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// The schemas that a case's topics have before its statements run. They may have ids that the case gives; anything may follow anything.
/// </summary>
internal static class CaseSchemas
{
    private const int FirstReferenceId = 100_000;

    /// <summary>Registers them.</summary>
    public static async Task RegisterAsync(SubjectRegistry registry, QueryCase queryCase, CancellationToken cancellation)
    {
        await registry.SetLevelAsync(null, CompatibilityLevel.None, cancellation);
        if (queryCase.Topics.All(static topic => topic.KeySchema is null && topic.ValueSchema is null))
            return;
        await registry.SetModeAsync(null, RegistryMode.Import, force: true, cancellation);
        var given = queryCase.Topics.SelectMany(static topic => new[] { topic.KeySchema, topic.ValueSchema })
            .Select(static schema => schema?.Id).OfType<int>().ToHashSet();
        var next = 1 + queryCase.SchemasBeforeTopics;
        foreach (var topic in queryCase.Topics)
        {
            foreach (var (schema, isKey) in new[] { (topic.KeySchema, true), (topic.ValueSchema, false) })
            {
                if (schema is null)
                    continue;
                while (schema.Id is null && given.Contains(next))
                    next++;
                await RegisterAsync(registry, topic.Name + (isKey ? "-key" : "-value"), schema, schema.Id ?? next++, cancellation);
            }
        }

        await registry.SetModeAsync(null, RegistryMode.ReadWrite, force: true, cancellation);
    }

    private static async Task RegisterAsync(SubjectRegistry registry, string subject, CaseSchema schema, int id,
        CancellationToken cancellation)
    {
        var references = new List<SchemaReference>();
        foreach (var (i, reference) in schema.References.Index())
        {
            // Of equal schemas the second has the id of the first.
            var known = registry.Subjects("", deleted: false, deletedOnly: false).Contains(reference.Name);
            if (!known)
                await registry.RegisterAsync(reference.Name, reference.Definition, normalize: false, FirstReferenceId + (100 * id) + i,
                    null, cancellation);
            references.Add(new(reference.Name, reference.Name, 1));
        }

        var definition = schema.Definition with { References = references };
        try
        {
            await registry.RegisterAsync(subject, definition, normalize: false, id, null, cancellation);
        }
        catch (RegistryException error) when (error.Code == RegistryException.NotPermitted)
        {
            await registry.RegisterAsync(subject, definition, normalize: false, null, null, cancellation);
        }
    }
}

/// <summary>A schema as a case writes it.</summary>
internal sealed record CaseSchema(string Name, SchemaDefinition Definition, int? Id, IReadOnlyList<CaseSchema> References)
{
    /// <summary>The schema of a topic's keys or values; null when it has none.</summary>
    public static CaseSchema? Read(JsonElement topic, string side)
    {
        if (QueryCase.Optional(topic, side + "Schema") is not { } schema)
            return null;
        var references = QueryCase.Optional(topic, side + "SchemaReferences") is { } list
            ? list.EnumerateArray().Select(static reference => new CaseSchema(
                reference.GetProperty("name").GetString()!,
                Define(reference.GetProperty("schema"), reference.GetProperty("format").GetString()), null, [])).ToArray()
            : [];
        return new("", Define(schema, QueryCase.Optional(topic, side + "Format")?.ToString()),
            QueryCase.Optional(topic, side + "SchemaId")?.GetInt32(), references);
    }

    /// <summary>Without a format it is told by what it looks like.</summary>
    private static SchemaDefinition Define(JsonElement schema, string? format)
    {
        var text = schema.ValueKind == JsonValueKind.String
            && schema.GetString()!.Contains("syntax", StringComparison.Ordinal) ? schema.GetString()! : schema.GetRawText();
        var type = format switch
        {
            "AVRO" => SchemaType.Avro,
            "PROTOBUF" => SchemaType.Protobuf,
            "JSON_SR" or "JSON" => SchemaType.Json,
            _ when text.StartsWith("syntax", StringComparison.Ordinal) => SchemaType.Protobuf,
            _ => SchemaType.Avro,
        };
        return new(type, text);
    }
}
