using System.Buffers;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>
/// Values as PostgreSQL's jsonb prints them: <c>{"a": 1, "b": [true, null]}</c>; the order of the fields is kept. Dates are ISO's whatever
/// the session's style, instants in its zone, intervals in its style.</summary>
internal static class JsonbText
{
    /// <summary>Appends a row's value; null as <c>null</c>.</summary>
    public static void Format(Column column, int row, IBufferWriter<byte> writer, DateForms forms) =>
        Format(column, row, writer, forms, JsonLayout.Spaced);

    /// <summary>Appends a row's value; null as <c>null</c>.</summary>
    public static void Format(Column column, int row, IBufferWriter<byte> writer, DateForms forms, JsonLayout layout)
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
                FormatArray(array, row, writer, forms, layout);
                break;
            case MapColumn map:
                FormatMap(map, row, writer, forms, layout);
                break;
            case StructColumn structs:
                FormatStruct(structs, row, writer, forms, layout);
                break;
            default:
                FormatScalar(column, row, writer, forms);
                break;
        }
    }

    private static ReadOnlySpan<byte> Comma(JsonLayout layout) => layout switch
    {
        JsonLayout.Spaced => ", "u8,
        JsonLayout.Compact => ","u8,
        _ => ",\n "u8,
    };

    // Only the outermost parts get lines of their own.
    private static JsonLayout Inner(JsonLayout layout) => layout == JsonLayout.Lines ? JsonLayout.Compact : layout;

    private static void FormatArray(ArrayColumn array, int row, IBufferWriter<byte> writer, DateForms forms, JsonLayout layout)
    {
        writer.Write("["u8);
        for (var i = 0; i < array.Lengths[row]; i++)
        {
            if (i > 0)
                writer.Write(Comma(layout));
            Format(array.Elements, array.Starts[row] + i, writer, forms, Inner(layout));
        }

        writer.Write("]"u8);
    }

    private static void FormatMap(MapColumn map, int row, IBufferWriter<byte> writer, DateForms forms, JsonLayout layout)
    {
        writer.Write("{"u8);
        for (var i = 0; i < map.Lengths[row]; i++)
        {
            if (i > 0)
                writer.Write(Comma(layout));
            var entry = map.Starts[row] + i;
            FormatName(map.Keys, entry, writer, forms);
            writer.Write(layout == JsonLayout.Spaced ? ": "u8 : ":"u8);
            Format(map.Values, entry, writer, forms, Inner(layout));
        }

        writer.Write("}"u8);
    }

    private static void FormatStruct(StructColumn structs, int row, IBufferWriter<byte> writer, DateForms forms, JsonLayout layout)
    {
        writer.Write("{"u8);
        for (var i = 0; i < structs.Fields.Length; i++)
        {
            if (i > 0)
                writer.Write(Comma(layout));
            WriteString(Encoding.UTF8.GetBytes(ShownName(structs.Type, i)), writer);
            writer.Write(layout == JsonLayout.Spaced ? ": "u8 : ":"u8);
            Format(structs.Fields[i], row, writer, forms, Inner(layout));
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
    public static void FormatName(Column keys, int entry, IBufferWriter<byte> writer, DateForms forms)
    {
        if (keys is BytesColumn text && keys.Type.Kind is not (SqlTypeKind.Bytes or SqlTypeKind.Numeric))
        {
            WriteString(text[entry], writer);
            return;
        }

        var name = new ArrayBufferWriter<byte>();
        ColumnText.Format(keys, entry, name, TextStyle.Postgres, forms);
        WriteString(name.WrittenSpan, writer);
    }

    private static void FormatScalar(Column column, int row, IBufferWriter<byte> writer, DateForms forms)
    {
        switch (column.Type.Kind)
        {
            case SqlTypeKind.Boolean:
                writer.Write(((FixedColumn<byte>)column).Values[row] != 0 ? "true"u8 : "false"u8);
                break;
            case SqlTypeKind.Varchar or SqlTypeKind.Name or SqlTypeKind.Char or SqlTypeKind.Unknown or SqlTypeKind.Uuid
                or SqlTypeKind.JsonPath:
                WriteString(((BytesColumn)column)[row], writer);
                break;
            case SqlTypeKind.Timestamp when ((FixedColumn<long>)column).Values[row] is < long.MaxValue / 1000 and > long.MinValue / 1000
                and var millis:
                WriteMicros(millis * 1000, forms.Zone, writer);
                break;
            case SqlTypeKind.Timestamp:
                Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
                WriteString(text[..DateTimeText.WritePostgresTimestamp(text, ((FixedColumn<long>)column).Values[row], (byte)'T')], writer);
                break;
            case SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp:
                WriteMicros(((FixedColumn<long>)column).Values[row],
                    column.Type.Kind == SqlTypeKind.TimestampTz ? forms.Zone : null, writer);
                break;
            case SqlTypeKind.Bytes:
                writer.Write("\"\\"u8);
                ColumnText.Format(column, row, writer, TextStyle.Postgres);
                writer.Write("\""u8);
                break;
            case SqlTypeKind.Interval:
                Span<byte> interval = stackalloc byte[IntervalText.MaxLength];
                WriteString(interval[..StyledIntervals.Write(interval, ((FixedColumn<Interval>)column).Values[row], forms.Intervals)],
                    writer);
                break;
            case SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.PlainTime or SqlTypeKind.TimeTz:
            case SqlTypeKind.Numeric when !NumericColumns.Get((BytesColumn)column, row).IsFinite:
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

    private static void WriteMicros(long micros, TimeZoneInfo? zone, IBufferWriter<byte> writer)
    {
        Span<byte> text = stackalloc byte[DateTimeText.MaxLength];
        var length = zone is not null ? MicrosText.WriteInstant(text, micros, zone, (byte)'T') : MicrosText.Write(text, micros, (byte)'T');
        WriteString(text[..length], writer);
    }

    private static void WriteString(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        var span = writer.GetSpan(JsonText.MaxStringLength(text.Length));
        writer.Advance(JsonText.WriteString(span, text));
    }
}

/// <summary>What stands between the parts of a JSON text.</summary>
internal enum JsonLayout
{
    /// <summary>As jsonb prints them: <c>{"a": 1, "b": 2}</c>.</summary>
    Spaced,

    /// <summary>As json is made of values: <c>{"a":1,"b":2}</c>.</summary>
    Compact,

    /// <summary>The same, each of the outermost parts on a line of its own.</summary>
    Lines,
}
