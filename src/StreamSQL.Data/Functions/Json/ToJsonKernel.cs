using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Json;

/// <summary>Any value as JSON text; NULL is <c>null</c>. DATE, TIME and TIMESTAMP are texts, BYTES base64, map keys texts.</summary>
internal sealed class ToJsonKernel : ScalarKernel
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var target = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(target, Options);
        foreach (var row in context.Rows)
        {
            target.ResetWrittenCount();
            writer.Reset();
            Write(arguments[0], row, writer);
            writer.Flush();
            ((BytesColumn)result).Set(row, target.WrittenSpan);
        }
    }

    private static void Write(Column column, int row, Utf8JsonWriter writer)
    {
        if (column.IsNull(row))
        {
            writer.WriteNullValue();
            return;
        }

        row = column.Physical(row);
        switch (column)
        {
            case BytesColumn bytes when column.Type.Kind == SqlTypeKind.Bytes:
                writer.WriteBase64StringValue(bytes[row]);
                break;
            case BytesColumn numbers when column.Type.Kind == SqlTypeKind.Numeric:
                WriteNumeric(NumericColumns.Get(numbers, row), writer);
                break;
            case BytesColumn text:
                writer.WriteStringValue(text[row]);
                break;
            case ArrayColumn array:
                writer.WriteStartArray();
                for (var i = 0; i < array.Lengths[row]; i++)
                    Write(array.Elements, array.Starts[row] + i, writer);
                writer.WriteEndArray();
                break;
            case MapColumn map:
                WriteMap(map, row, writer);
                break;
            case StructColumn structure:
                writer.WriteStartObject();
                for (var i = 0; i < structure.Fields.Length; i++)
                {
                    writer.WritePropertyName(structure.Type.Fields[i].Name);
                    Write(structure.Fields[i], row, writer);
                }

                writer.WriteEndObject();
                break;
            default:
                WriteScalar(column, row, writer);
                break;
        }
    }

    private static void WriteNumeric(in NumericValue value, Utf8JsonWriter writer)
    {
        if (value.IsFinite)
            writer.WriteRawValue(value.ToString());
        else
            writer.WriteStringValue(value.ToString());
    }

    private static void WriteMap(MapColumn map, int row, Utf8JsonWriter writer)
    {
        var key = new ArrayBufferWriter<byte>();
        writer.WriteStartObject();
        for (var i = map.Starts[row]; i < map.Starts[row] + map.Lengths[row]; i++)
        {
            key.ResetWrittenCount();
            JavaText.Write(map.Keys, i, key);
            writer.WritePropertyName(key.WrittenSpan);
            Write(map.Values, i, writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Numbers and booleans as JavaText writes them are JSON; what is not becomes a string.</summary>
    private static void WriteScalar(Column column, int row, Utf8JsonWriter writer)
    {
        var text = new ArrayBufferWriter<byte>(DecimalText.MaxLength);
        JavaText.Write(column, row, text);
        var isText = column.Type.Kind is SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp
            or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.Interval or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz
            || (column is FixedColumn<double> doubles && !double.IsFinite(doubles.Values[row]));
        if (isText)
            writer.WriteStringValue(text.WrittenSpan);
        else
            writer.WriteRawValue(text.WrittenSpan);
    }
}
