using System.Buffers;
using System.Buffers.Text;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Whose text form a value takes.</summary>
public enum TextStyle : byte
{
    /// <summary>What ksqlDB's CAST to VARCHAR gives: Java's text of numbers, <c>[1, 2]</c>, <c>{k=v}</c>, <c>Struct{F=1}</c>.</summary>
    Ksql,

    /// <summary>PostgreSQL's text output in time zone UTC; MAP, STRUCT and arrays of them as jsonb.</summary>
    Postgres,
}

/// <summary>Values as text.</summary>
public static class ColumnText
{
    /// <summary>Appends the text of a row's value; nothing when it is null.</summary>
    public static void Format(Column column, int row, IBufferWriter<byte> writer, TextStyle style)
    {
        if (column.IsNull(row))
            return;
        row = column.Physical(row);
        if (column is BytesColumn bytes && column.Type.Kind != SqlTypeKind.Bytes)
            writer.Write(bytes[row]);
        else if (!column.Type.IsNested)
            FormatFixed(column, row, writer, style);
        else if (style == TextStyle.Ksql)
            JavaText.FormatNested(column, row, writer);
        else if (column is ArrayColumn array && !column.Type.Element!.IsNested)
            PostgresArrayText.Format(array, row, writer);
        else
            JsonbText.Format(column, row, writer);
    }

    /// <summary>The text of a row's value as a string, or null. For messages and tests.</summary>
    public static string? ToText(Column column, int row, TextStyle style)
    {
        if (column.IsNull(row))
            return null;
        var writer = new ArrayBufferWriter<byte>();
        Format(column, row, writer, style);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    private static void FormatFixed(Column column, int row, IBufferWriter<byte> writer, TextStyle style)
    {
        if (column is BytesColumn bytes)
        {
            FormatBytes(bytes[row], writer, style);
            return;
        }

        var span = writer.GetSpan(DateTimeText.MaxLength);
        writer.Advance(column switch
        {
            FixedColumn<byte> booleans => WriteBoolean(span, booleans.Values[row] != 0, style),
            FixedColumn<int> ints => WriteInt32(span, ints.Values[row], column.Type.Kind, style),
            FixedColumn<long> longs => WriteInt64(span, longs.Values[row], column.Type.Kind, style),
            FixedColumn<double> doubles when style == TextStyle.Ksql => DoubleText.WriteJava(span, doubles.Values[row]),
            FixedColumn<double> doubles => DoubleText.WritePostgres(span, doubles.Values[row]),
            FixedColumn<Int128> decimals => NumberText.WriteDecimal(span, decimals.Values[row], column.Type.Scale),
            _ => throw new ArgumentException($"No text form of {column.Type}.", nameof(column)),
        });
    }

    private static int WriteBoolean(Span<byte> destination, bool value, TextStyle style)
    {
        var word = style == TextStyle.Postgres ? (value ? "t"u8 : "f"u8) : (value ? "true"u8 : "false"u8);
        word.CopyTo(destination);
        return word.Length;
    }

    private static int WriteInt32(Span<byte> destination, int value, SqlTypeKind kind, TextStyle style) => kind switch
    {
        SqlTypeKind.Date when style == TextStyle.Ksql => DateTimeText.WriteDate(destination, value),
        SqlTypeKind.Date => DateTimeText.WritePostgresDate(destination, value),
        SqlTypeKind.Time => DateTimeText.WriteTime(
            destination, value, style == TextStyle.Ksql ? FractionStyle.JavaLocalTime : FractionStyle.Trimmed),
        _ => NumberText.WriteInt64(destination, value),
    };

    private static int WriteInt64(Span<byte> destination, long value, SqlTypeKind kind, TextStyle style) => kind switch
    {
        SqlTypeKind.Timestamp when style == TextStyle.Ksql => DateTimeText.WriteKsqlTimestamp(destination, value),
        SqlTypeKind.Timestamp => DateTimeText.WritePostgresTimestamp(destination, value),
        SqlTypeKind.Interval => IntervalText.Write(destination, value),
        _ => NumberText.WriteInt64(destination, value),
    };

    /// <summary>BYTES: base64 as in ksqlDB's JSON, or PostgreSQL's hex form.</summary>
    private static void FormatBytes(ReadOnlySpan<byte> value, IBufferWriter<byte> writer, TextStyle style)
    {
        int written;
        if (style == TextStyle.Ksql)
        {
            var base64 = writer.GetSpan(Base64.GetMaxEncodedToUtf8Length(value.Length));
            Base64.EncodeToUtf8(value, base64, out _, out written);
        }
        else
        {
            var hex = writer.GetSpan(checked(2 + (2 * value.Length)));
            "\\x"u8.CopyTo(hex);
            Convert.TryToHexStringLower(value, hex[2..], out written);
            written += 2;
        }

        writer.Advance(written);
    }
}
