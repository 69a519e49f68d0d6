using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>
/// Moves values between columns and the CLR form of literals (see <see cref="BoundLiteral"/>). For constants and parameters, not for rows in bulk.
/// </summary>
internal static class LiteralValues
{
    /// <summary>Writes a value to a row of a column.</summary>
    /// <exception cref="InvalidCastException">The value's CLR type is not the column type's.</exception>
    public static void Write(Column column, int row, object? value)
    {
        if (value is null)
        {
            column.SetNull(row);
            return;
        }

        switch (column)
        {
            case FixedColumn<byte> booleans:
                booleans.Values[row] = (bool)value ? (byte)1 : (byte)0;
                break;
            case FixedColumn<int> integers:
                integers.Values[row] = (int)value;
                break;
            case FixedColumn<long> longs:
                longs.Values[row] = (long)value;
                break;
            case FixedColumn<double> doubles:
                doubles.Values[row] = (double)value;
                break;
            case FixedColumn<Int128> decimals:
                decimals.Values[row] = (Int128)value;
                break;
            case BytesColumn bytes:
                bytes.Set(row, value as byte[] ?? Encoding.UTF8.GetBytes((string)value));
                break;
            case ArrayColumn array:
                WriteArray(array, row, (object?[])value);
                break;
            case MapColumn map:
                WriteMap(map, row, (KeyValuePair<object, object?>[])value);
                break;
            case StructColumn @struct:
                WriteStruct(@struct, row, (object?[])value);
                break;
        }
    }

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
            BytesColumn { Type.Kind: SqlTypeKind.Bytes } bytes => bytes[row].ToArray(),
            BytesColumn text => Encoding.UTF8.GetString(text[row]),
            ArrayColumn array => ReadArray(array, row),
            MapColumn map => ReadMap(map, row),
            StructColumn @struct => ReadStruct(@struct, row),
            _ => throw new InvalidOperationException($"no literal form for {column.GetType().Name}"),
        };
    }

    private static void WriteArray(ArrayColumn column, int row, object?[] elements)
    {
        var start = column.Allocate(row, elements.Length);
        for (var i = 0; i < elements.Length; i++)
            Write(column.Elements, start + i, elements[i]);
    }

    private static void WriteMap(MapColumn column, int row, KeyValuePair<object, object?>[] entries)
    {
        var start = column.Allocate(row, entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            Write(column.Keys, start + i, entries[i].Key);
            Write(column.Values, start + i, entries[i].Value);
        }
    }

    private static void WriteStruct(StructColumn column, int row, object?[] fields)
    {
        for (var i = 0; i < fields.Length; i++)
            Write(column.Fields[i], row, fields[i]);
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
