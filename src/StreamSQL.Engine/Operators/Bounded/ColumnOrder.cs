using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Json;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// Compares rows of one column that are not null. Text compares by its bytes; NaN is above all numbers;
/// numeric and jsonb by their own orders.
/// </summary>
internal abstract class ColumnOrder
{
    /// <summary>Creates the comparison that fits a column.</summary>
    public static ColumnOrder Create(Column column) => column switch
    {
        FixedColumn<byte> booleans => new FixedOrder<byte>(booleans),
        FixedColumn<int> integers => new FixedOrder<int>(integers),
        FixedColumn<long> longs => new FixedOrder<long>(longs),
        FixedColumn<double> doubles => new DoubleOrder(doubles),
        FixedColumn<Int128> decimals => new FixedOrder<Int128>(decimals),
        FixedColumn<Interval> spans => new FixedOrder<Interval>(spans),
        BytesColumn { Type.Kind: SqlTypeKind.Numeric } numbers => new NumericOrder(numbers),
        BytesColumn { Type.Kind: SqlTypeKind.Jsonb } jsonb => new JsonbColumnOrder(jsonb),
        BytesColumn bytes => new BytesOrder(bytes),
        ArrayColumn array => new ArrayOrder(array),
        StructColumn @struct => new StructOrder(@struct),
        _ => throw new Data.Errors.SqlException(
            Npgsql.PostgresErrorCodes.UndefinedFunction, $"values of type {column.Type} have no order"),
    };

    /// <summary>Negative, zero or positive as the first row's value comes before, with or after the second's.</summary>
    public abstract int Compare(int row, int otherRow);

    /// <summary>The same where values may be null: null comes last.</summary>
    protected static int CompareNullable(Column column, ColumnOrder order, int row, int otherRow)
    {
        var isNull = column.IsNull(row);
        var otherIsNull = column.IsNull(otherRow);
        return isNull || otherIsNull ? isNull.CompareTo(otherIsNull) : order.Compare(row, otherRow);
    }

    private sealed class FixedOrder<T>(FixedColumn<T> column) : ColumnOrder
        where T : unmanaged, IComparable<T>
    {
        public override int Compare(int row, int otherRow) => column[row].CompareTo(column[otherRow]);
    }

    private sealed class DoubleOrder(FixedColumn<double> column) : ColumnOrder
    {
        public override int Compare(int row, int otherRow)
        {
            double a = column[row], b = column[otherRow];
            return double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b);
        }
    }

    private sealed class BytesOrder(BytesColumn column) : ColumnOrder
    {
        public override int Compare(int row, int otherRow) => column[row].SequenceCompareTo(column[otherRow]);
    }

    private sealed class NumericOrder(BytesColumn column) : ColumnOrder
    {
        public override int Compare(int row, int otherRow) => NumericColumns.Compare(column[row], column[otherRow]);
    }

    private sealed class JsonbColumnOrder(BytesColumn column) : ColumnOrder
    {
        // Each value is read once, however often it is compared.
        private readonly Dictionary<int, byte[]> _known = [];

        public override int Compare(int row, int otherRow) => BytesOf(row).AsSpan().SequenceCompareTo(BytesOf(otherRow));

        private byte[] BytesOf(int row)
        {
            if (!_known.TryGetValue(row, out var bytes))
                _known[row] = bytes = JsonbOrder.ToBytes(column[row]).ToArray();
            return bytes;
        }
    }

    private sealed class ArrayOrder(ArrayColumn column) : ColumnOrder
    {
        private readonly ColumnOrder _elements = Create(column.Elements);

        public override int Compare(int row, int otherRow)
        {
            row = column.Physical(row);
            otherRow = column.Physical(otherRow);
            var common = Math.Min(column.Lengths[row], column.Lengths[otherRow]);
            for (var e = 0; e < common; e++)
            {
                var order = CompareNullable(column.Elements, _elements, column.Starts[row] + e, column.Starts[otherRow] + e);
                if (order != 0)
                    return order;
            }

            return column.Lengths[row].CompareTo(column.Lengths[otherRow]);
        }
    }

    private sealed class StructOrder(StructColumn column) : ColumnOrder
    {
        private readonly ColumnOrder[] _fields = column.Fields.Select(Create).ToArray();

        public override int Compare(int row, int otherRow)
        {
            for (var f = 0; f < _fields.Length; f++)
            {
                var order = CompareNullable(column.Fields[f], _fields[f], column.Physical(row), column.Physical(otherRow));
                if (order != 0)
                    return order;
            }

            return 0;
        }
    }
}
