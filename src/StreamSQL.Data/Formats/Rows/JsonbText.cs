using System.Buffers;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Values as PostgreSQL's jsonb prints them: <c>{"a": 1, "b": [true, null]}</c>; the order of the fields is kept.</summary>
internal static class JsonbText
{
    /// <summary>Appends a row's value; null as <c>null</c>.</summary>
    public static void Format(Column column, int row, IBufferWriter<byte> writer)
    {
        if (column.IsNull(row))
        {
            writer.Write("null"u8);
            return;
        }

        row = column.Physical(row);
        switch (column)
        {
            case ArrayColumn array:
                FormatArray(array, row, writer);
                break;
            case MapColumn map:
                FormatMap(map, row, writer);
                break;
            case StructColumn structs:
                FormatStruct(structs, row, writer);
                break;
            default:
                FormatScalar(column, row, writer);
                break;
        }
    }

    private static void FormatArray(ArrayColumn array, int row, IBufferWriter<byte> writer)
    {
        writer.Write("["u8);
        for (var i = 0; i < array.Lengths[row]; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            Format(array.Elements, array.Starts[row] + i, writer);
        }

        writer.Write("]"u8);
    }

    private static void FormatMap(MapColumn map, int row, IBufferWriter<byte> writer)
    {
        writer.Write("{"u8);
        for (var i = 0; i < map.Lengths[row]; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            var entry = map.Starts[row] + i;
            FormatName(map.Keys, entry, writer);
            writer.Write(": "u8);
            Format(map.Values, entry, writer);
        }

        writer.Write("}"u8);
    }

    private static void FormatStruct(StructColumn structs, int row, IBufferWriter<byte> writer)
    {
        writer.Write("{"u8);
        for (var i = 0; i < structs.Fields.Length; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            WriteString(Encoding.UTF8.GetBytes(ShownName(structs.Type, i)), writer);
            writer.Write(": "u8);
            Format(structs.Fields[i], row, writer);
        }

        writer.Write("}"u8);
    }

    // The columns of a row have the names that clients see: what is all upper case is shown in lower case.
    private static string ShownName(SqlType type, int field)
    {
        var name = type.Fields[field].Name;
        return type.IsRow && !name.Any(char.IsLower) ? name.ToLowerInvariant() : name;
    }

    /// <summary>A map's key, or the name of a field: always a string in JSON.</summary>
    public static void FormatName(Column keys, int entry, IBufferWriter<byte> writer)
    {
        if (keys is BytesColumn text && keys.Type.Kind != SqlTypeKind.Bytes)
        {
            WriteString(text[entry], writer);
            return;
        }

        var name = new ArrayBufferWriter<byte>();
        ColumnText.Format(keys, entry, name, TextStyle.Postgres);
        WriteString(name.WrittenSpan, writer);
    }

    private static void FormatScalar(Column column, int row, IBufferWriter<byte> writer)
    {
        switch (column.Type.Kind)
        {
            case SqlTypeKind.Boolean:
                writer.Write(((FixedColumn<byte>)column).Values[row] != 0 ? "true"u8 : "false"u8);
                break;
            case SqlTypeKind.Varchar or SqlTypeKind.Name or SqlTypeKind.Char or SqlTypeKind.Unknown or SqlTypeKind.Uuid:
                WriteString(((BytesColumn)column)[row], writer);
                break;
            case SqlTypeKind.Timestamp:
                Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
                WriteString(text[..DateTimeText.WritePostgresTimestamp(text, ((FixedColumn<long>)column).Values[row], (byte)'T')], writer);
                break;
            case SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp:
                WriteMicros(((FixedColumn<long>)column).Values[row], column.Type.Kind == SqlTypeKind.TimestampTz, writer);
                break;
            case SqlTypeKind.Bytes:
                writer.Write("\"\\"u8);
                ColumnText.Format(column, row, writer, TextStyle.Postgres);
                writer.Write("\""u8);
                break;
            case SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Interval or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz:
            case SqlTypeKind.Double or SqlTypeKind.Real when !double.IsFinite(((FixedColumn<double>)column).Values[row]):
                writer.Write("\""u8);
                ColumnText.Format(column, row, writer, TextStyle.Postgres);
                writer.Write("\""u8);
                break;
            default:
                ColumnText.Format(column, row, writer, TextStyle.Postgres);
                break;
        }
    }

    private static void WriteMicros(long micros, bool isInstant, IBufferWriter<byte> writer)
    {
        Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
        var length = isInstant ? MicrosText.WriteInstant(text, micros, TimeZoneInfo.Utc, (byte)'T') : MicrosText.Write(text, micros, (byte)'T');
        WriteString(text[..length], writer);
    }

    private static void WriteString(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        var span = writer.GetSpan(JsonText.MaxStringLength(text.Length));
        writer.Advance(JsonText.WriteString(span, text));
    }
}
