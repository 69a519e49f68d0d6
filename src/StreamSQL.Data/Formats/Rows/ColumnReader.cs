using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Rows;

/// <summary>
/// Reads single values out of columns in the form that <see cref="ColumnWriter.Write"/> takes: literals, parameters, bounds.
/// </summary>
public static class ColumnReader
{
    /// <summary>Reads a row of a column; null for SQL NULL.</summary>
    public static object? Read(Column column, int row)
    {
        if (column.IsNull(row))
            return null;
        row = column.Physical(row);
        return column switch
        {
            FixedColumn<byte> booleans => booleans.Values[row] != 0,
            FixedColumn<int> integers => integers.Values[row],
            FixedColumn<long> longs => longs.Values[row],
            FixedColumn<double> doubles => doubles.Values[row],
            FixedColumn<Int128> decimals => decimals.Values[row],
            FixedColumn<Interval> spans => spans.Values[row],
            BytesColumn { Type.Kind: SqlTypeKind.Bytes } bytes => bytes[row].ToArray(),
            BytesColumn { Type.Kind: SqlTypeKind.Numeric } numbers => NumericColumns.Get(numbers, row),
            BytesColumn text => Encoding.UTF8.GetString(text[row]),
            ArrayColumn array => ReadArray(array, row),
            MapColumn map => ReadMap(map, row),
            StructColumn @struct => ReadStruct(@struct, row),
            _ => throw new InvalidOperationException($"no literal form for {column.GetType().Name}"),
        };
    }

    private static object?[] ReadArray(ArrayColumn column, int row)
    {
        var elements = new object?[column.Lengths[row]];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = Read(column.Elements, column.Starts[row] + i);
        return elements;
    }

    private static KeyValuePair<object, object?>[] ReadMap(MapColumn column, int row)
    {
        var entries = new KeyValuePair<object, object?>[column.Lengths[row]];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new(Read(column.Keys, column.Starts[row] + i)!, Read(column.Values, column.Starts[row] + i));
        return entries;
    }

    private static object?[] ReadStruct(StructColumn column, int row)
    {
        var fields = new object?[column.Fields.Length];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = Read(column.Fields[i], row);
        return fields;
    }
}
