using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Rows as PostgreSQL prints records: <c>(1,"a b",)</c>; NULL is nothing, and the empty text is quoted.</summary>
internal static class RecordText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("()\",\\ \t\n\r\v\f"u8);

    /// <summary>Appends a row's record.</summary>
    public static void Format(StructColumn record, int row, IBufferWriter<byte> writer, DateForms forms)
    {
        var field = new ArrayBufferWriter<byte>();
        writer.Write("("u8);
        for (var i = 0; i < record.Fields.Length; i++)
        {
            if (i > 0)
                writer.Write(","u8);
            if (record.Fields[i].IsNull(row))
                continue;
            field.ResetWrittenCount();
            ColumnText.Format(record.Fields[i], row, field, TextStyle.Postgres, forms);
            Write(field.WrittenSpan, writer);
        }

        writer.Write(")"u8);
    }

    private static void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        if (text.Length > 0 && !text.ContainsAny(Special))
        {
            writer.Write(text);
            return;
        }

        writer.Write("\""u8);
        // Quotes and backslashes are doubled.
        while (text.IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var at)
        {
            writer.Write(text[..(at + 1)]);
            writer.Write(text.Slice(at, 1));
            text = text[(at + 1)..];
        }

        writer.Write(text);
        writer.Write("\""u8);
    }
}
