using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>Values of columns as objects, for functions that are evaluated row by row.</summary>
internal static class ColumnReader
{
    /// <summary>A row's value: bool, int, long, double, string, byte[], object?[]; null for null.</summary>
    /// <exception cref="ArgumentException">The column is of a type that no such function takes.</exception>
    public static object? Read(Column column, int row)
    {
        if (column.IsNull(row))
            return null;
        row = column.Physical(row);
        return column switch
        {
            FixedColumn<byte> booleans => booleans.Values[row] != 0,
            FixedColumn<int> ints => ints.Values[row],
            FixedColumn<long> longs => longs.Values[row],
            FixedColumn<double> doubles => doubles.Values[row],
            BytesColumn { Type.Kind: SqlTypeKind.Bytes } bytes => bytes[row].ToArray(),
            BytesColumn text => Encoding.UTF8.GetString(text[row]),
            ArrayColumn array => ReadElements(array, row),
            _ => throw new ArgumentException($"no function of the catalog takes {column.Type}", nameof(column)),
        };
    }

    private static object?[] ReadElements(ArrayColumn array, int row)
    {
        var elements = new object?[array.Lengths[row]];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = Read(array.Elements, array.Starts[row] + i);
        return elements;
    }
}
