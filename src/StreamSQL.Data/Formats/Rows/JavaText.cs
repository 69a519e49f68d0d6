using System.Buffers;
using System.Text;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>Nested values as Java's collections print themselves, which is what ksqlDB's CAST gives.</summary>
internal static class JavaText
{
    /// <summary>Appends <c>[1, 2]</c>, <c>{k=v}</c> or <c>Struct{F=1}</c>; null fields of a struct are left out.</summary>
    public static void FormatNested(Column column, int row, IBufferWriter<byte> writer)
    {
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
        }
    }

    private static void FormatArray(ArrayColumn array, int row, IBufferWriter<byte> writer)
    {
        writer.Write("["u8);
        for (var i = 0; i < array.Lengths[row]; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            FormatValue(array.Elements, array.Starts[row] + i, writer);
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
            FormatValue(map.Keys, map.Starts[row] + i, writer);
            writer.Write("="u8);
            FormatValue(map.Values, map.Starts[row] + i, writer);
        }

        writer.Write("}"u8);
    }

    private static void FormatStruct(StructColumn structs, int row, IBufferWriter<byte> writer)
    {
        writer.Write("Struct{"u8);
        var first = true;
        for (var i = 0; i < structs.Fields.Length; i++)
        {
            if (structs.Fields[i].IsNull(row))
                continue;
            if (!first)
                writer.Write(","u8);
            first = false;
            Encoding.UTF8.GetBytes(structs.Type.Fields[i].Name, writer);
            writer.Write("="u8);
            FormatValue(structs.Fields[i], row, writer);
        }

        writer.Write("}"u8);
    }

    private static void FormatValue(Column column, int row, IBufferWriter<byte> writer)
    {
        if (column.IsNull(row))
            writer.Write("null"u8);
        else
            ColumnText.Format(column, row, writer, TextStyle.Ksql);
    }
}
