using System.Globalization;
using System.Text.Json;

namespace StreamSQL.ConformanceTests.Kafka;

/// <summary>A message as Kafka's JSON defines it.</summary>
internal sealed class MessageDefinition
{
    private static readonly JsonDocumentOptions _withComments =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private MessageDefinition(JsonElement json)
    {
        Name = json.GetProperty("name").GetString()!;
        Type = json.GetProperty("type").GetString()!;
        ApiKey = json.TryGetProperty("apiKey", out JsonElement key) ? key.GetInt16() : (short)-1;
        Valid = Versions.Parse(json.GetProperty("validVersions").GetString()!);
        Flexible = Versions.Parse(json.GetProperty("flexibleVersions").GetString()!);
        Dictionary<string, JsonElement> common = [];
        if (json.TryGetProperty("commonStructs", out JsonElement structs))
            common = structs.EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!, s => s.GetProperty("fields"));
        Fields = [.. json.GetProperty("fields").EnumerateArray().Select(f => new FieldDefinition(f, common))];
    }

    public string Name { get; }

    /// <summary>request, response, coordinator-key or coordinator-value.</summary>
    public string Type { get; }

    public short ApiKey { get; }

    public Versions Valid { get; }

    public Versions Flexible { get; }

    public IReadOnlyList<FieldDefinition> Fields { get; }

    /// <summary>All definitions of a folder, by name.</summary>
    public static IEnumerable<MessageDefinition> ReadFolder(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file), _withComments);
            if (json.RootElement.TryGetProperty("fields", out _))
                yield return new MessageDefinition(json.RootElement);
        }
    }
}

/// <summary>A field of a message or of a struct inside it.</summary>
internal sealed class FieldDefinition
{
    public FieldDefinition(JsonElement json, Dictionary<string, JsonElement> common)
    {
        Name = json.GetProperty("name").GetString()!;
        string type = json.GetProperty("type").GetString()!;
        IsArray = type.StartsWith("[]", StringComparison.Ordinal);
        Type = IsArray ? type[2..] : type;
        Tagged = Versions.Parse(Text(json, "taggedVersions"));
        Versions = Text(json, "versions") is { } versions ? Versions.Parse(versions) : Tagged;
        Nullable = Versions.Parse(Text(json, "nullableVersions"));
        Tag = json.TryGetProperty("tag", out JsonElement tag) ? tag.GetUInt32() : 0;
        bool hasDefault = json.TryGetProperty("default", out JsonElement value);
        Default = !hasDefault ? null : value.ValueKind == JsonValueKind.Null ? "null" : value.ToString();
        JsonElement fields = default;
        if (json.TryGetProperty("fields", out fields) || common.TryGetValue(Type, out fields))
            Fields = [.. fields.EnumerateArray().Select(f => new FieldDefinition(f, common))];
    }

    public string Name { get; }

    /// <summary>The type; of an array, that of its elements.</summary>
    public string Type { get; }

    public bool IsArray { get; }

    public Versions Versions { get; }

    public Versions Nullable { get; }

    public Versions Tagged { get; }

    public uint Tag { get; }

    /// <summary>The default as it is written in the definition; "null" when it is null, null when there is none.</summary>
    public string? Default { get; }

    /// <summary>The fields of a struct; null for other types.</summary>
    public IReadOnlyList<FieldDefinition>? Fields { get; }

    private static string? Text(JsonElement json, string property) =>
        json.TryGetProperty(property, out JsonElement value) ? value.GetString() : null;
}

/// <summary>A range of versions: <c>3+</c>, <c>0-7</c>, <c>5</c> or <c>none</c>.</summary>
internal readonly record struct Versions(short Min, short Max)
{
    public static Versions Parse(string? text)
    {
        if (text is null or "none")
            return new Versions(0, -1);
        if (text.EndsWith('+'))
            return new Versions(Number(text[..^1]), short.MaxValue);
        string[] bounds = text.Split('-');
        return new Versions(Number(bounds[0]), Number(bounds[^1]));
    }

    public bool Contains(short version) => version >= Min && version <= Max;

    private static short Number(string digits) => short.Parse(digits, CultureInfo.InvariantCulture);
}
