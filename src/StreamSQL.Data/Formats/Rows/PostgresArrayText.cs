using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Arrays of scalars and of rows in PostgreSQL's array syntax: <c>{1,NULL,"a b"}</c>, <c>{(1),"(1,2)"}</c>.</summary>
internal static class PostgresArrayText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("{}\",\\ \t\n\r\v\f"u8);

    /// <summary>Appends a row's array.</summary>
    public static void Format(ArrayColumn array, int row, IBufferWriter<byte> writer)
    {
        writer.Write("{"u8);
        var elements = array.Elements;
        for (var i = 0; i < array.Lengths[row]; i++)
        {
            var element = array.Starts[row] + i;
            if (i > 0)
                writer.Write(","u8);
            if (elements.IsNull(element))
                writer.Write("NULL"u8);
            else if (elements is BytesColumn bytes && elements.Type.Kind != SqlTypeKind.Bytes)
                WriteText(bytes[element], writer);
            else if (elements is StructColumn)
                WriteRow(elements, element, writer);
            else
                WriteOther(elements, element, writer);
        }

        writer.Write("}"u8);
    }

    private static void WriteRow(Column rows, int row, IBufferWriter<byte> writer)
    {
        var text = new ArrayBufferWriter<byte>();
        ColumnText.Format(rows, row, text, TextStyle.Postgres);
        WriteText(text.WrittenSpan, writer);
    }

    /// <summary>BYTES hold a backslash and instants a space: both are quoted; the other types never need it.</summary>
    private static void WriteOther(Column elements, int element, IBufferWriter<byte> writer)
    {
        var isBytes = elements.Type.Kind == SqlTypeKind.Bytes;
        var isSpaced = elements.Type.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.Interval;
        var quoted = isBytes || (isSpaced && HasSpace(elements, element));
        if (quoted)
            writer.Write(isBytes ? "\"\\"u8 : "\""u8);
        ColumnText.Format(elements, element, writer, TextStyle.Postgres);
        if (quoted)
            writer.Write("\""u8);
    }

    // 10:00:00 and infinity have no space, and are not quoted.
    private static bool HasSpace(Column elements, int element) => elements switch
    {
        FixedColumn<Interval> spans => spans[element] is not { Months: 0, Days: 0 },
        FixedColumn<long> { Type.Kind: not SqlTypeKind.Timestamp } micros => !MicrosText.IsInfinite(micros[element]),
        _ => true,
    };

    private static void WriteText(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        if (text.Length > 0 && !text.ContainsAny(Special) && !System.Text.Ascii.EqualsIgnoreCase(text, "NULL"u8))
        {
            writer.Write(text);
            return;
        }

        writer.Write("\""u8);
        while (text.IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var at)
        {
            writer.Write(text[..at]);
            writer.Write("\\"u8);
            writer.Write(text.Slice(at, 1));
            text = text[(at + 1)..];
        }

        writer.Write(text);
        writer.Write("\""u8);
    }
}
