using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>A reference as the API and the topic write it.</summary>
public sealed record ReferenceJson
{
    /// <summary>The name in the importing text.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    /// <summary>The subject that it is registered under.</summary>
    [JsonPropertyName("subject")]
    public string Subject { get; init; } = "";

    /// <summary>Its version there.</summary>
    [JsonPropertyName("version")]
    public int Version { get; init; }

    /// <summary>What the engine makes of it.</summary>
    public SchemaReference ToReference() => new(Name, Subject, Version);

    /// <summary>What the engine has, for the API.</summary>
    public static ReferenceJson Of(SchemaReference reference) =>
        new() { Name = reference.Name, Subject = reference.Subject, Version = reference.Version };
}

/// <summary>A schema as clients send it.</summary>
public sealed record SchemaRequest
{
    /// <summary>Its text.</summary>
    [JsonPropertyName("schema")]
    public string? Schema { get; init; }

    /// <summary>AVRO, PROTOBUF or JSON; AVRO when it is not given.</summary>
    [JsonPropertyName("schemaType")]
    public string? SchemaType { get; init; }

    /// <summary>What it imports.</summary>
    [JsonPropertyName("references")]
    public IReadOnlyList<ReferenceJson>? References { get; init; }

    /// <summary>The id that it is to get; in mode IMPORT only.</summary>
    [JsonPropertyName("id")]
    public int? Id { get; init; }

    /// <summary>The version that it is to get; in mode IMPORT only.</summary>
    [JsonPropertyName("version")]
    public int? Version { get; init; }

    /// <summary>The schema that is meant.</summary>
    /// <exception cref="RegistryException">42201: no text, or an unknown type.</exception>
    public SchemaDefinition ToDefinition()
    {
        var type = SchemaTypes.Find(SchemaType)
            ?? throw new RegistryException(RegistryException.InvalidSchema, $"Invalid schema type {SchemaType}");
        if (string.IsNullOrEmpty(Schema))
            throw new RegistryException(RegistryException.InvalidSchema, "Empty schema");
        return new(type, Schema, [.. (References ?? []).Select(static reference => reference.ToReference())]);
    }

    /// <summary>A request for a schema.</summary>
    public static SchemaRequest Of(SchemaDefinition schema) => new()
    {
        Schema = schema.Text,
        SchemaType = schema.Type == Data.Schemas.SchemaType.Avro ? null : SchemaTypes.NameOf(schema.Type),
        References = schema.References.Count == 0 ? null : [.. schema.References.Select(ReferenceJson.Of)],
    };
}

/// <summary>A schema as the API answers with it; members that an answer does not have are null.</summary>
public sealed record SchemaResponse
{
    /// <summary>The subject.</summary>
    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    /// <summary>The version in the subject.</summary>
    [JsonPropertyName("version")]
    public int? Version { get; init; }

    /// <summary>The id.</summary>
    [JsonPropertyName("id")]
    public int? Id { get; init; }

    /// <summary>PROTOBUF or JSON; left out for AVRO.</summary>
    [JsonPropertyName("schemaType")]
    public string? SchemaType { get; init; }

    /// <summary>What it imports; left out when nothing.</summary>
    [JsonPropertyName("references")]
    public IReadOnlyList<ReferenceJson>? References { get; init; }

    /// <summary>The text.</summary>
    [JsonPropertyName("schema")]
    public string? Schema { get; init; }

    /// <summary>A schema without its place.</summary>
    public static SchemaResponse Of(RegisteredSchema schema) => new()
    {
        SchemaType = schema.Schema.Type == Data.Schemas.SchemaType.Avro ? null : SchemaTypes.NameOf(schema.Schema.Type),
        References = schema.References.Count == 0 ? null : [.. schema.References.Select(ReferenceJson.Of)],
        Schema = schema.Schema.Text,
    };

    /// <summary>A version of a subject.</summary>
    public static SchemaResponse Of(SubjectVersion version) =>
        Of(version.Schema) with { Subject = version.Subject, Version = version.Version, Id = version.Schema.Id };
}

/// <summary>An error as the API answers with it.</summary>
/// <param name="ErrorCode">The code.</param>
/// <param name="Message">What was wrong.</param>
public sealed record ErrorResponse([property: JsonPropertyName("error_code")] int ErrorCode,
    [property: JsonPropertyName("message")] string Message);

/// <summary>The words of the API for schema types.</summary>
public static class SchemaTypes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = ["JSON", "PROTOBUF", "AVRO"];

    /// <summary>The type of a word, AVRO for none; null for a wrong one.</summary>
    public static SchemaType? Find(string? word) => word?.ToUpperInvariant() switch
    {
        null or "" or "AVRO" => SchemaType.Avro,
        "PROTOBUF" => SchemaType.Protobuf,
        "JSON" => SchemaType.Json,
        _ => null,
    };

    /// <summary>The word of a type.</summary>
    public static string NameOf(SchemaType type) => type.ToString().ToUpperInvariant();
}

/// <summary>Whether a schema can follow, as the API answers.</summary>
/// <param name="IsCompatible">Whether it can.</param>
/// <param name="Messages">Why not; null when nobody asked.</param>
public sealed record CompatibilityResponse(
    [property: JsonPropertyName("is_compatible")] bool IsCompatible,
    [property: JsonPropertyName("messages")] IReadOnlyList<string>? Messages);

/// <summary>A compatibility level as it is set; the answer repeats it.</summary>
/// <param name="Compatibility">The level's word.</param>
public sealed record LevelRequest([property: JsonPropertyName("compatibility")] string? Compatibility);

/// <summary>A compatibility level as it is read.</summary>
/// <param name="CompatibilityLevel">The level's word.</param>
public sealed record LevelResponse([property: JsonPropertyName("compatibilityLevel")] string CompatibilityLevel);

/// <summary>A mode, set or read.</summary>
/// <param name="Mode">The mode's word.</param>
public sealed record ModeJson([property: JsonPropertyName("mode")] string? Mode);

/// <summary>Where a schema is used, as the API answers.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Version">The version there.</param>
public sealed record UseResponse([property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("version")] int Version);

/// <summary>JSON of the API, generated at build time.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SchemaRequest))]
[JsonSerializable(typeof(SchemaResponse))]
[JsonSerializable(typeof(SchemaResponse[]))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(CompatibilityResponse))]
[JsonSerializable(typeof(LevelRequest))]
[JsonSerializable(typeof(LevelResponse))]
[JsonSerializable(typeof(ModeJson))]
[JsonSerializable(typeof(UseResponse[]))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(string[]))]
public sealed partial class RegistryJson : JsonSerializerContext
{
    /// <summary>With as few escapes as JSON allows: schemas are full of quotes.</summary>
    public static RegistryJson Plain { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
