using System.Globalization;
using System.Numerics;
using System.Text.Json;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>A row of a result as ksqlDB's REST endpoint writes it: a list of JSON values.</summary>
internal static class RowJson
{
    /// <summary>The row.</summary>
    public static JsonElement Read(ChangeBatch batch, int row)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            foreach (var column in batch.Columns)
                Write(writer, ColumnReader.Read(column, row), column.Type);
            writer.WriteEndArray();
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    private static void Write(Utf8JsonWriter writer, object? value, SqlType type)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool boolean:
                writer.WriteBooleanValue(boolean);
                break;
            case double number:
                writer.WriteRawValue(Double(number));
                break;
            case Int128 unscaled:
                writer.WriteRawValue(Decimal(unscaled, type.Scale));
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            case object?[] items when type.Kind == SqlTypeKind.Struct:
                writer.WriteStartObject();
                for (var i = 0; i < items.Length; i++)
                    WriteMember(writer, type.Fields[i].Name, items[i], type.Fields[i].Type);
                writer.WriteEndObject();
                break;
            case object?[] items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item, type.Element!);
                writer.WriteEndArray();
                break;
            case KeyValuePair<object, object?>[] entries:
                writer.WriteStartObject();
                foreach (var entry in entries)
                    WriteMember(writer, Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!, entry.Value, type.Element!);
                writer.WriteEndObject();
                break;
            default:
                WriteScalar(writer, value, type);
                break;
        }
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, object? value, SqlType type)
    {
        writer.WritePropertyName(name);
        Write(writer, value, type);
    }

    private static void WriteScalar(Utf8JsonWriter writer, object value, SqlType type)
    {
        switch (type.Kind)
        {
            case SqlTypeKind.Timestamp:
                writer.WriteStringValue(Instant(Convert.ToInt64(value, CultureInfo.InvariantCulture))
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture));
                break;
            case SqlTypeKind.Date:
                writer.WriteStringValue(DateTime.UnixEpoch.AddDays(Convert.ToInt32(value, CultureInfo.InvariantCulture))
                    .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case SqlTypeKind.Time:
                writer.WriteStringValue(Instant(Convert.ToInt64(value, CultureInfo.InvariantCulture))
                    .ToString("HH:mm:ss", CultureInfo.InvariantCulture));
                break;
            case SqlTypeKind.Varchar:
                writer.WriteStringValue((string)value);
                break;
            default:
                writer.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
        }
    }

    private static DateTime Instant(long milliseconds) => DateTime.UnixEpoch.AddMilliseconds(milliseconds);

    // A whole number that is a DOUBLE has a decimal place.
    private static string Double(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : text + ".0";
    }

    private static string Decimal(Int128 unscaled, int scale)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{(unscaled < 0 ? "-" : "")}{digits[..^scale]}{(scale > 0 ? "." : "")}{digits[^scale..]}";
    }
}
