using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Arrays of scalars and rows in PostgreSQL's array syntax: <c>{1,NULL,"a b"}</c>.</summary>
internal static class PostgresArrayText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("{}\",\\ \t\n\r\v\f"u8);

    /// <summary>Appends a row's array.</summary>
    public static void Format(ArrayColumn array, int row, IBufferWriter<byte> writer, DateForms forms)
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
            else if (elements is BytesColumn bytes && elements.Type.Kind is not (SqlTypeKind.Bytes or SqlTypeKind.Numeric))
                WriteText(bytes[element], writer);
            else
                WriteOther(elements, element, writer, forms);
        }

        writer.Write("}"u8);
    }

    /// <summary>BYTES hold a backslash, timestamps and intervals mostly a space: these are quoted; the other types never need it.</summary>
    private static void WriteOther(Column elements, int element, IBufferWriter<byte> writer, DateForms forms)
    {
        if (elements.Type.Kind is SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp or SqlTypeKind.Interval
            || elements.Type.IsNested)
        {
            var text = new ArrayBufferWriter<byte>();
            ColumnText.Format(elements, element, text, TextStyle.Postgres, forms);
            WriteText(text.WrittenSpan, writer);
            return;
        }

        var isBytes = elements.Type.Kind == SqlTypeKind.Bytes;
        if (isBytes)
            writer.Write("\"\\"u8);
        ColumnText.Format(elements, element, writer, TextStyle.Postgres, forms);
        if (isBytes)
            writer.Write("\""u8);
    }

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
