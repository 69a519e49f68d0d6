using System.Buffers;
using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Whose text form a value takes.</summary>
public enum TextStyle : byte
{
    /// <summary>What ksqlDB's CAST to VARCHAR gives: Java's text of numbers, <c>[1, 2]</c>, <c>{k=v}</c>, <c>Struct{F=1}</c>.</summary>
    Ksql,

    /// <summary>PostgreSQL's text output in the session's forms; MAP, STRUCT and arrays of them as jsonb.</summary>
    Postgres,
}

/// <summary>Values as text.</summary>
public static class ColumnText
{
    /// <summary>Appends the text of a row's value; nothing when it is null.</summary>
    /// <param name="column">The column.</param>
    /// <param name="row">The row.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="style">Whose form.</param>
    /// <param name="forms">How the session writes dates in PostgreSQL's form; by default ISO in UTC.</param>
    public static void Format(Column column, int row, IBufferWriter<byte> writer, TextStyle style, DateForms? forms = null)
    {
        forms ??= DateForms.Utc;
        if (column.IsNull(row))
            return;
        row = column.Physical(row);
        if (column is BytesColumn { Type.Kind: SqlTypeKind.Numeric } numbers)
            NumericText.Write(NumericColumns.Get(numbers, row), writer);
        else if (style == TextStyle.Ksql)
            JavaText.Write(column, row, writer);
        else if (column is BytesColumn bytes && column.Type.Kind != SqlTypeKind.Bytes)
            writer.Write(bytes[row]);
        else if (!column.Type.IsNested)
            FormatScalar(column, row, writer, forms);
        else if (column is ArrayColumn vectors && column.Type.IsVector)
            VectorText.Format(vectors, row, writer);
        else if (column is ArrayColumn array && (!column.Type.Element!.IsNested || column.Type.Element.IsRow))
            PostgresArrayText.Format(array, row, writer, forms);
        else if (column is StructColumn record && column.Type.IsRow)
            RecordText.Format(record, row, writer, forms);
        else
            JsonbText.Format(column, row, writer, forms);
    }

    /// <summary>The text of a row's value as a string, or null. For messages and tests.</summary>
    public static string? ToText(Column column, int row, TextStyle style, DateForms? forms = null)
    {
        if (column.IsNull(row))
            return null;
        var writer = new ArrayBufferWriter<byte>();
        Format(column, row, writer, style, forms);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    private static void FormatScalar(Column column, int row, IBufferWriter<byte> writer, DateForms forms)
    {
        if (column is BytesColumn bytes)
        {
            FormatHex(bytes[row], writer);
            return;
        }

        var span = writer.GetSpan(IntervalText.MaxLength);
        writer.Advance(column switch
        {
            FixedColumn<byte> booleans => WriteBoolean(span, booleans.Values[row] != 0),
            FixedColumn<int> ints => WriteInt32(span, ints.Values[row], column.Type.Kind, forms),
            FixedColumn<long> longs => WriteInt64(span, longs.Values[row], column.Type.Kind, forms),
            FixedColumn<double> { Type.Kind: SqlTypeKind.Real } singles => DoubleText.WritePostgresSingle(span, (float)singles.Values[row]),
            FixedColumn<double> doubles => DoubleText.WritePostgres(span, doubles.Values[row]),
            FixedColumn<Interval> spans => StyledIntervals.Write(span, spans.Values[row], forms.Intervals),
            FixedColumn<Int128> decimals => DecimalText.Write(span, decimals.Values[row], column.Type.Scale),
            _ => throw new ArgumentException($"No text form of {column.Type}.", nameof(column)),
        });
    }

    private static int WriteBoolean(Span<byte> destination, bool value)
    {
        destination[0] = value ? (byte)'t' : (byte)'f';
        return 1;
    }

    private static int WriteInt32(Span<byte> destination, int value, SqlTypeKind kind, DateForms forms) => kind switch
    {
        SqlTypeKind.Date => StyledDates.WriteDate(destination, value, forms),
        SqlTypeKind.Time => DateTimeText.WriteTime(destination, value, FractionStyle.Trimmed),
        _ => IntegerText.Write(destination, value),
    };

    private static int WriteInt64(Span<byte> destination, long value, SqlTypeKind kind, DateForms forms) => kind switch
    {
        SqlTypeKind.Timestamp when IsInMicros(value) => StyledDates.WriteInstant(destination, value * 1000, forms),
        SqlTypeKind.Timestamp => DateTimeText.WritePostgresTimestamp(destination, value),
        SqlTypeKind.TimestampTz => StyledDates.WriteInstant(destination, value, forms),
        SqlTypeKind.PlainTimestamp => StyledDates.WriteTimestamp(destination, value, forms),
        SqlTypeKind.PlainTime => MicrosText.WriteTime(destination, value),
        SqlTypeKind.TimeTz => MicrosText.WriteTimeTz(destination, ZonedTime.FromPacked(value)),
        _ => IntegerText.Write(destination, value),
    };

    // What timestamps of PostgreSQL do not hold is shown all the same, in UTC.
    private static bool IsInMicros(long millis) => millis is < long.MaxValue / 1000 and > long.MinValue / 1000;

    /// <summary>BYTES in PostgreSQL's hex form.</summary>
    private static void FormatHex(ReadOnlySpan<byte> value, IBufferWriter<byte> writer)
    {
        var hex = writer.GetSpan(checked(2 + (2 * value.Length)));
        "\\x"u8.CopyTo(hex);
        Convert.TryToHexStringLower(value, hex[2..], out var written);
        writer.Advance(2 + written);
    }
}
