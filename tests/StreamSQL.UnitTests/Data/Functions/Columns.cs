using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Functions;

/// <summary>Columns of test values: null, bool, int, long, double, Int128 (unscaled), text.</summary>
internal static class Columns
{
    public static Column Of(SqlType type, params object?[] values)
    {
        var column = Column.Create(type);
        column.Reset(values.Length);
        Fill(column, values);
        return column;
    }

    public static Column Constant(SqlType type, object? value)
    {
        var column = Column.Create(type);
        column.Reset(1, constant: true);
        Fill(column, [value]);
        return column;
    }

    public static Column Empty(SqlType type, int rows)
    {
        var column = Column.Create(type);
        column.Reset(rows);
        return column;
    }

    public static string[] Show(Column column, int rows) =>
        [.. Enumerable.Range(0, rows).Select(row => ExpressionRunner.Show(column, row))];

    private static void Fill(Column column, object?[] values)
    {
        for (var row = 0; row < values.Length; row++)
        {
            switch (column, values[row])
            {
                case (_, null):
                    column.SetNull(row);
                    break;
                case (FixedColumn<byte> c, bool value):
                    c.Values[row] = (byte)(value ? 1 : 0);
                    break;
                case (FixedColumn<int> c, int value):
                    c.Values[row] = value;
                    break;
                case (FixedColumn<long> c, var value):
                    c.Values[row] = Convert.ToInt64(value);
                    break;
                case (FixedColumn<double> c, var value):
                    c.Values[row] = Convert.ToDouble(value);
                    break;
                case (FixedColumn<Int128> c, var value):
                    c.Values[row] = Convert.ToInt64(value);
                    break;
                case (FixedColumn<Interval> c, Interval value):
                    c.Values[row] = value;
                    break;
                case (BytesColumn c, string value):
                    c.Set(row, Encoding.UTF8.GetBytes(value));
                    break;
                case (ArrayColumn c, object?[] elements):
                    c.Elements.Gather(Of(c.Elements.Type, elements), [.. Enumerable.Range(0, elements.Length)],
                        c.Allocate(row, elements.Length));
                    break;
                default:
                    throw new ArgumentException($"{values[row]} in {column.Type}");
            }
        }
    }
}
