using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Catalog;

/// <summary>Catalog records as they stand in the catalog topic: one versioned JSON object each.</summary>
public static class CatalogCodec
{
    private const int FormatVersion = 1;

    /// <summary>The record's bytes.</summary>
    public static byte[] Encode(CatalogRecord record) =>
        JsonSerializer.SerializeToUtf8Bytes(new CatalogEnvelope(FormatVersion, record), CatalogJson.Default.CatalogEnvelope);

    /// <summary>The record of some bytes.</summary>
    /// <exception cref="InvalidDataException">They are not a record, or of a format version that this program does not know.</exception>
    public static CatalogRecord Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            var version = document.RootElement.GetProperty("Version").GetInt32();
            if (version != FormatVersion)
                throw new InvalidDataException(
                    $"the catalog holds a record of format version {version}; this program knows version {FormatVersion}");
            return document.RootElement.Deserialize(CatalogJson.Default.CatalogEnvelope)!.Record;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or NotSupportedException
            or ArgumentException or FormatException)
        {
            throw new InvalidDataException("the catalog holds bytes that are no catalog record: " + error.Message, error);
        }
    }
}

/// <summary>A record with its format version.</summary>
internal sealed record CatalogEnvelope(int Version, CatalogRecord Record);

/// <summary>JSON of catalog records, generated at build time.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(SqlTypeJsonConverter)])]
[JsonSerializable(typeof(CatalogEnvelope))]
internal sealed partial class CatalogJson : JsonSerializerContext;

/// <summary>Types as objects: kind, and precision, scale, element, key or fields where the kind has them.</summary>
internal sealed class SqlTypeJsonConverter : JsonConverter<SqlType>
{
    /// <inheritdoc/>
    public override SqlType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SqlType value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", value.Kind.ToString());
        if (value.Kind == SqlTypeKind.Decimal)
        {
            writer.WriteNumber("precision", value.Precision);
            writer.WriteNumber("scale", value.Scale);
        }

        WriteOptional(writer, "key", value.Key, options);
        WriteOptional(writer, "element", value.Element, options);
        if (value.Kind == SqlTypeKind.Struct)
        {
            writer.WriteStartArray("fields");
            foreach (var field in value.Fields)
            {
                writer.WriteStartObject();
                writer.WriteString("name", field.Name);
                WriteOptional(writer, "type", field.Type, options);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static SqlType Read(JsonElement json)
    {
        var name = json.GetProperty("kind").GetString();
        if (!Enum.TryParse<SqlTypeKind>(name, out var kind))
            throw new JsonException($"unknown type {name}");
        return kind switch
        {
            SqlTypeKind.Decimal => SqlType.Decimal(json.GetProperty("precision").GetInt32(), json.GetProperty("scale").GetInt32()),
            SqlTypeKind.Array => SqlType.ArrayOf(Read(json.GetProperty("element"))),
            SqlTypeKind.Map => SqlType.MapOf(Read(json.GetProperty("key")), Read(json.GetProperty("element"))),
            SqlTypeKind.Struct => SqlType.StructOf(json.GetProperty("fields").EnumerateArray()
                .Select(static field => new StructField(field.GetProperty("name").GetString()!, Read(field.GetProperty("type"))))
                .ToArray()),
            SqlTypeKind.Boolean => SqlType.Boolean,
            SqlTypeKind.Integer => SqlType.Integer,
            SqlTypeKind.BigInt => SqlType.BigInt,
            SqlTypeKind.Double => SqlType.Double,
            SqlTypeKind.Varchar => SqlType.Varchar,
            SqlTypeKind.Bytes => SqlType.Bytes,
            SqlTypeKind.Time => SqlType.Time,
            SqlTypeKind.Date => SqlType.Date,
            SqlTypeKind.Timestamp => SqlType.Timestamp,
            _ => throw new JsonException($"a column cannot have type {name}"),
        };
    }

    private void WriteOptional(Utf8JsonWriter writer, string name, SqlType? type, JsonSerializerOptions options)
    {
        if (type is null)
            return;
        writer.WritePropertyName(name);
        Write(writer, type, options);
    }
}
