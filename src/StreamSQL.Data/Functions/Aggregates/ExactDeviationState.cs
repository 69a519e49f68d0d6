using System.Buffers;
using System.Numerics;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// Variance and standard deviation of exact numbers, exactly: their number, their sum and the sum of their squares, in units of the
/// argument's last digit; divided and rounded only when read. Null arguments are skipped. Saved as the
/// three, little endian; the squares as two halves.
/// </summary>
/// <param name="scale">Digits after the point of the arguments.</param>
/// <param name="isSample">Whether one less than the number of values is divided by.</param>
/// <param name="isRoot">Whether the result is the square root: the standard deviation.</param>
internal sealed class ExactDeviationState(int scale, bool isSample, bool isRoot) : CellState<ExactDeviationState.Cell>
{
    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!arguments[0].IsNull(rows[i]))
                cell.Add(Value(arguments[0], rows[i]));
            if (output is not null)
                Write(cell, (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!arguments[0].IsNull(rows[i]))
                cell.Retract(Value(arguments[0], rows[i]));
            if (output is not null)
                Write(cell, (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot) =>
        Cells[slot].Merge(((ExactDeviationState)other).Cells[otherSlot]);

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], (BytesColumn)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ref var cell = ref Cells[slot];
        ColumnValueCodec.WriteFixed(cell.Count, writer);
        ColumnValueCodec.WriteFixed(cell.Sum, writer);
        ColumnValueCodec.WriteFixed((Int128)cell.SquaresLow, writer);
        ColumnValueCodec.WriteFixed((Int128)cell.SquaresHigh, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        ref var cell = ref Cells[slot];
        var used = ColumnValueCodec.ReadFixed(source, out cell.Count);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.Sum);
        used += ColumnValueCodec.ReadFixed(source[used..], out Int128 low);
        used += ColumnValueCodec.ReadFixed(source[used..], out Int128 high);
        (cell.SquaresLow, cell.SquaresHigh) = (unchecked((UInt128)low), unchecked((UInt128)high));
        return used;
    }

    private static Int128 Value(Column column, int row) => column switch
    {
        FixedColumn<int> integers => integers[row],
        FixedColumn<long> longs => longs[row],
        _ => ((FixedColumn<Int128>)column)[row],
    };

    private void Write(in Cell cell, BytesColumn output, int at)
    {
        var squares = ((BigInteger)cell.SquaresHigh << 128) + (BigInteger)cell.SquaresLow;
        Deviation.Write(new(cell.Sum, scale), new(squares, 2 * scale), cell.Count, isSample, isRoot, output, at);
    }

    internal struct Cell
    {
        public long Count;
        public Int128 Sum;
        public UInt128 SquaresLow;
        public UInt128 SquaresHigh;

        public void Add(Int128 value)
        {
            Count++;
            Sum = AddChecked(Sum, value);
            var (low, high) = Square(value);
            var sum = SquaresLow + low;
            SquaresHigh += high + (sum < low ? 1U : 0U);
            SquaresLow = sum;
        }

        public void Retract(Int128 value)
        {
            Count--;
            Sum -= value;
            var (low, high) = Square(value);
            SquaresHigh -= high + (SquaresLow < low ? 1U : 0U);
            SquaresLow -= low;
        }

        public void Merge(in Cell other)
        {
            Count += other.Count;
            Sum = AddChecked(Sum, other.Sum);
            var sum = SquaresLow + other.SquaresLow;
            SquaresHigh += other.SquaresHigh + (sum < other.SquaresLow ? 1U : 0U);
            SquaresLow = sum;
        }

        private static Int128 AddChecked(Int128 left, Int128 right)
        {
            var sum = left + right;
            return (left ^ sum) < 0 && (right ^ sum) < 0
                ? throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange,
                    "Numeric field overflow: the sum of a variance is out of range")
                : sum;
        }

        // 256 bits, from halves of 64.
        private static (UInt128 Low, UInt128 High) Square(Int128 value)
        {
            var magnitude = (UInt128)(value < 0 ? -value : value);
            var (high, low) = ((ulong)(magnitude >> 64), (ulong)magnitude);
            var bottom = (UInt128)low * low;
            if (high == 0)
                return (bottom, 0);
            var middle = (UInt128)low * high;
            var top = (UInt128)high * high;
            top += middle >> 63;
            var sum = bottom + (middle << 65);
            return (sum, top + (sum < bottom ? 1U : 0U));
        }
    }
}
