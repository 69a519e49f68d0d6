using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Writes arrays, maps and structs, and what is in them.</summary>
internal static class JsonNested
{
    /// <summary>Writes a value that is not null; <paramref name="inner"/> is the template of the STRUCT inside its type.</summary>
    public static void Write(ref SliceOutput output, Column column, int row, JsonTemplate? inner)
    {
        switch (column)
        {
            case ArrayColumn array:
                WriteArray(ref output, array, row, inner);
                break;
            case MapColumn map:
                WriteMap(ref output, map, row, inner);
                break;
            case StructColumn structs:
                inner!.Write(ref output, structs.Fields, row);
                break;
            default:
                output.Advance(JsonTemplate.WriteScalar(output.Reserve(JsonTemplate.RoomFor(column, row)), column, row));
                break;
        }
    }

    private static void WriteArray(ref SliceOutput output, ArrayColumn column, int row, JsonTemplate? inner)
    {
        output.Write("["u8);
        for (var i = 0; i < column.Lengths[row]; i++)
        {
            if (i > 0)
                output.Write(","u8);
            WriteOrNull(ref output, column.Elements, column.Starts[row] + i, inner);
        }

        output.Write("]"u8);
    }

    private static void WriteMap(ref SliceOutput output, MapColumn column, int row, JsonTemplate? inner)
    {
        output.Write("{"u8);
        for (var i = 0; i < column.Lengths[row]; i++)
        {
            if (i > 0)
                output.Write(","u8);
            var entry = column.Starts[row] + i;
            // JSON's names are texts: a key that is NULL is written as ksqlDB (and Jackson) does.
            if (column.Keys.IsNull(entry))
                output.Write("\"null\""u8);
            else
                Write(ref output, column.Keys, column.Keys.Physical(entry), null);
            output.Write(":"u8);
            WriteOrNull(ref output, column.Values, entry, inner);
        }

        output.Write("}"u8);
    }

    private static void WriteOrNull(ref SliceOutput output, Column column, int row, JsonTemplate? inner)
    {
        if (column.IsNull(row))
            output.Write("null"u8);
        else
            Write(ref output, column, column.Physical(row), inner);
    }
}
