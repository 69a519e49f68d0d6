using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.JsonSchema;

/// <summary>
/// SQL types as JSON Schema, with the annotations of Kafka Connect's JSON Schema converter: everything
/// but the outermost object may be null.
/// </summary>
internal static class JsonSchemaWriter
{
    public const string DecimalTitle = "org.apache.kafka.connect.data.Decimal";
    public const string DateTitle = "org.apache.kafka.connect.data.Date";
    public const string TimeTitle = "org.apache.kafka.connect.data.Time";
    public const string TimestampTitle = "org.apache.kafka.connect.data.Timestamp";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema of a root.</summary>
    /// <param name="root">The root.</param>
    /// <param name="isWrapped">Whether it is the object around a record's fields.</param>
    public static string Write(SqlType root, bool isWrapped)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            if (isWrapped)
                WriteType(writer, root);
            else
                WriteNullable(writer, root, index: null);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteNullable(Utf8JsonWriter writer, SqlType type, int? index)
    {
        writer.WriteStartObject();
        if (index is { } position)
            writer.WriteNumber("connect.index", position);
        writer.WriteStartArray("oneOf");
        writer.WriteStartObject();
        writer.WriteString("type", "null");
        writer.WriteEndObject();
        WriteType(writer, type);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter writer, SqlType type)
    {
        writer.WriteStartObject();
        switch (type.Kind)
        {
            case SqlTypeKind.Boolean:
                writer.WriteString("type", "boolean");
                break;
            case SqlTypeKind.Integer:
                WriteScalar(writer, "integer", "int32", null);
                break;
            case SqlTypeKind.BigInt:
                WriteScalar(writer, "integer", "int64", null);
                break;
            case SqlTypeKind.Double:
                WriteScalar(writer, "number", "float64", null);
                break;
            case SqlTypeKind.Decimal:
                WriteDecimal(writer, type);
                break;
            case SqlTypeKind.Varchar:
                writer.WriteString("type", "string");
                break;
            case SqlTypeKind.Bytes:
                WriteScalar(writer, "string", "bytes", null);
                break;
            case SqlTypeKind.Date:
                WriteScalar(writer, "integer", "int32", DateTitle);
                break;
            case SqlTypeKind.Time:
                WriteScalar(writer, "integer", "int32", TimeTitle);
                break;
            case SqlTypeKind.Timestamp:
                WriteScalar(writer, "integer", "int64", TimestampTitle);
                break;
            case SqlTypeKind.Array:
                writer.WriteString("type", "array");
                writer.WritePropertyName("items");
                WriteNullable(writer, type.Element!, null);
                break;
            case SqlTypeKind.Map:
                writer.WriteString("type", "object");
                writer.WriteString("connect.type", "map");
                writer.WritePropertyName("additionalProperties");
                WriteNullable(writer, type.Element!, null);
                break;
            case SqlTypeKind.Struct:
                WriteStruct(writer, type);
                break;
            default:
                throw new ArgumentException($"JSON Schema has no {type}.", nameof(type));
        }

        writer.WriteEndObject();
    }

    private static void WriteScalar(Utf8JsonWriter writer, string type, string connectType, string? title)
    {
        writer.WriteString("type", type);
        if (title is not null)
        {
            writer.WriteString("title", title);
            writer.WriteNumber("connect.version", 1);
        }

        writer.WriteString("connect.type", connectType);
    }

    private static void WriteDecimal(Utf8JsonWriter writer, SqlType type)
    {
        WriteScalar(writer, "number", "bytes", DecimalTitle);
        writer.WriteStartObject("connect.parameters");
        writer.WriteString("scale", type.Scale.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("connect.decimal.precision", type.Precision.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndObject();
    }

    private static void WriteStruct(Utf8JsonWriter writer, SqlType type)
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        for (var i = 0; i < type.Fields.Count; i++)
        {
            writer.WritePropertyName(type.Fields[i].Name);
            WriteNullable(writer, type.Fields[i].Type, i);
        }

        writer.WriteEndObject();
    }
}
