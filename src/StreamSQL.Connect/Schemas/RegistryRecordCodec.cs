using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>
/// Records of the topic <c>_schemas</c> in the layout that Schema Registry uses, so that either can read what the other wrote: a JSON
/// object as key, with the kind of record, and one as value, null to take the key back.
/// </summary>
internal static class RegistryRecordCodec
{
    private const int SchemaMagic = 1;

    /// <summary>The record's key and value.</summary>
    public static (byte[] Key, byte[]? Value) Encode(RegistryRecord record) => record switch
    {
        SchemaRecord(var stored) => (KeyOf("SCHEMA", stored.Subject, stored.Version), ValueOf(SchemaValue(stored))),
        SchemaGoneRecord(var subject, var version) => (KeyOf("SCHEMA", subject, version), null),
        SubjectDeletedRecord(var subject, var upTo) =>
            (KeyOf("DELETE_SUBJECT", subject, null), ValueOf(new StoredValue { Subject = subject, Version = upTo })),
        LevelRecord(var subject, var level) =>
            (KeyOf("CONFIG", subject, null),
                level is { } set ? ValueOf(new StoredValue { CompatibilityLevel = RegistryWords.Of(set) }) : null),
        ModeRecord(var subject, var mode) =>
            (KeyOf("MODE", subject, null), mode is { } set ? ValueOf(new StoredValue { Mode = RegistryWords.Of(set) }) : null),
        _ => throw new ArgumentException($"{record.GetType().Name} has no layout", nameof(record)),
    };

    /// <summary>The record of a key and a value; null for one that changes nothing here.</summary>
    /// <exception cref="InvalidDataException">They are not a record of a registry.</exception>
    public static RegistryRecord? Decode(ReadOnlySpan<byte> keyBytes, ReadOnlySpan<byte> valueBytes, bool hasValue)
    {
        try
        {
            var key = JsonSerializer.Deserialize(keyBytes, StoredJson.Plain.StoredKey) ?? throw new JsonException("the key is null");
            var value = hasValue ? JsonSerializer.Deserialize(valueBytes, StoredJson.Plain.StoredValue) : null;
            return key.Keytype switch
            {
                "SCHEMA" => DecodeSchema(key, value),
                "DELETE_SUBJECT" => value is null ? null : new SubjectDeletedRecord(Required(key.Subject), value.Version ?? int.MaxValue),
                "CONFIG" => DecodeLevel(key, value),
                "MODE" => new ModeRecord(key.Subject, value?.Mode is { } mode ? RegistryWords.Mode(mode) : null),
                _ => null,
            };
        }
        catch (Exception error) when (error is JsonException or RegistryException)
        {
            throw new InvalidDataException($"the topic of the schema registry holds a record that is none of its own: {error.Message}",
                error);
        }
    }

    private static RegistryRecord DecodeSchema(StoredKey key, StoredValue? value)
    {
        var subject = Required(key.Subject);
        var version = key.Version ?? throw new JsonException("a schema has no version");
        if (value is null)
            return new SchemaGoneRecord(subject, version);
        var type = SchemaTypes.Find(value.SchemaType) ?? throw new JsonException($"unknown schema type {value.SchemaType}");
        var references = value.References?.Select(static reference => reference.ToReference()).ToArray() ?? [];
        return new SchemaRecord(new(
            subject, version, value.Id ?? throw new JsonException("a schema has no id"), new(type, Required(value.Schema), references),
            value.Deleted ?? false));
    }

    private static LevelRecord? DecodeLevel(StoredKey key, StoredValue? value)
    {
        if (value is null)
            return new LevelRecord(key.Subject, null);
        // Later versions keep more here (aliases, rules), also without a level.
        return value.CompatibilityLevel is { } level ? new LevelRecord(key.Subject, RegistryWords.Level(level)) : null;
    }

    private static string Required(string? text) => text ?? throw new JsonException("a subject or schema is missing");

    private static byte[] KeyOf(string type, string? subject, int? version) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredKey { Keytype = type, Subject = subject, Version = version, Magic = version is null ? 0 : SchemaMagic },
        StoredJson.Plain.StoredKey);

    private static byte[] ValueOf(StoredValue value) => JsonSerializer.SerializeToUtf8Bytes(value, StoredJson.Plain.StoredValue);

    private static StoredValue SchemaValue(StoredVersion stored) => new()
    {
        Subject = stored.Subject,
        Version = stored.Version,
        Id = stored.Id,
        SchemaType = stored.Schema.Type == SchemaType.Avro ? null : SchemaTypes.NameOf(stored.Schema.Type),
        References = stored.Schema.References.Count == 0 ? null : [.. stored.Schema.References.Select(ReferenceJson.Of)],
        Schema = stored.Schema.Text,
        Deleted = stored.IsDeleted,
    };
}

/// <summary>A key of the topic. Which member comes first matters to nobody, but compaction compares bytes: the order stays.</summary>
internal sealed record StoredKey
{
    [JsonPropertyName("keytype")]
    public string Keytype { get; init; } = "";

    [JsonPropertyName("subject")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Subject { get; init; }

    [JsonPropertyName("version")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Version { get; init; }

    [JsonPropertyName("magic")]
    public int Magic { get; init; }
}

/// <summary>A value of the topic: the members of all kinds.</summary>
internal sealed record StoredValue
{
    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    [JsonPropertyName("version")]
    public int? Version { get; init; }

    [JsonPropertyName("id")]
    public int? Id { get; init; }

    [JsonPropertyName("schemaType")]
    public string? SchemaType { get; init; }

    [JsonPropertyName("references")]
    public ReferenceJson[]? References { get; init; }

    [JsonPropertyName("schema")]
    public string? Schema { get; init; }

    [JsonPropertyName("deleted")]
    public bool? Deleted { get; init; }

    [JsonPropertyName("compatibilityLevel")]
    public string? CompatibilityLevel { get; init; }

    [JsonPropertyName("mode")]
    public string? Mode { get; init; }
}

/// <summary>JSON of the topic, generated at build time.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredKey))]
[JsonSerializable(typeof(StoredValue))]
internal sealed partial class StoredJson : JsonSerializerContext
{
    /// <summary>With as few escapes as JSON allows, as the others who write the topic.</summary>
    public static StoredJson Plain { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
