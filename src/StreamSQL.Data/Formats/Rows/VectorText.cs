using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>int2vector and oidvector as text: their elements with blanks between.</summary>
public static class VectorText
{
    /// <summary>Appends a row's vector.</summary>
    public static void Format(ArrayColumn vectors, int row, IBufferWriter<byte> writer)
    {
        for (var i = 0; i < vectors.Lengths[row]; i++)
        {
            if (i > 0)
                writer.Write(" "u8);
            ColumnText.Format(vectors.Elements, vectors.Starts[row] + i, writer, TextStyle.Postgres);
        }
    }

    /// <summary>Reads a text into a row.</summary>
    /// <exception cref="SqlException">22P02, 22003: an element is not a number of the vector's type.</exception>
    public static void Read(ReadOnlySpan<byte> text, SqlType type, ArrayColumn vectors, int row)
    {
        var count = 0;
        for (var rest = text; TryTake(ref rest, out _);)
            count++;
        vectors.SetValid(row);
        var at = vectors.Allocate(row, count);
        while (TryTake(ref text, out var word))
            ColumnWriter.WriteText(vectors.Elements, at++, word);
    }

    /// <summary>Reads a text's elements as int (int2vector) or long (oidvector).</summary>
    /// <exception cref="SqlException">22P02, 22003: an element is not a number of the vector's type.</exception>
    public static object?[] Read(ReadOnlySpan<byte> text, SqlType type)
    {
        var values = (ArrayColumn)Column.Create(type);
        values.Reset(1);
        Read(text, type, values, 0);
        return (object?[])ColumnReader.Read(values, 0)!;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        rest = rest.TrimStart(" \t\r\n"u8);
        var end = rest.IndexOfAny(" \t\r\n"u8);
        word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        return !word.IsEmpty;
    }
}
