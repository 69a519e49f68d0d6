using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// CORRELATION (Pearson's) of pairs of DOUBLE: their number, the sums of both, of their squares and of their products, so that a pair that
/// is taken back leaves nothing behind. Pairs with NULL are skipped; fewer than two different pairs
/// give NaN. Saved as the six, little endian.
/// </summary>
internal sealed class CorrelationState : CellState<CorrelationState.Cell>
{
    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments, rows, slots, output, 1);

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments, rows, slots, output, -1);

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((CorrelationState)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        cell.Count += from.Count;
        cell.X += from.X;
        cell.Y += from.Y;
        cell.XX += from.XX;
        cell.YY += from.YY;
        cell.XY += from.XY;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            ((FixedColumn<double>)output).Values[at + i] = Cells[slots[i]].Result;
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ref var cell = ref Cells[slot];
        ColumnValueCodec.WriteFixed(cell.Count, writer);
        foreach (var sum in (ReadOnlySpan<double>)[cell.X, cell.Y, cell.XX, cell.YY, cell.XY])
            ColumnValueCodec.WriteFixed(sum, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        ref var cell = ref Cells[slot];
        var used = ColumnValueCodec.ReadFixed(source, out cell.Count);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.X);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.Y);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.XX);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.YY);
        return used + ColumnValueCodec.ReadFixed(source[used..], out cell.XY);
    }

    private void Change(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output, int sign)
    {
        var (first, second) = (arguments[0], arguments[1]);
        var xs = new ValueReader<double>(first);
        var ys = new ValueReader<double>(second);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            ref var cell = ref Cells[slots[i]];
            if (!first.IsNull(row) && !second.IsNull(row))
                cell.Change(xs[row], ys[row], sign);
            if (output is not null)
                ((FixedColumn<double>)output).Values[i] = cell.Result;
        }
    }

    internal struct Cell
    {
        public long Count;
        public double X;
        public double Y;
        public double XX;
        public double YY;
        public double XY;

        public readonly double Result => ((Count * XY) - (X * Y)) / Math.Sqrt(((Count * XX) - (X * X)) * ((Count * YY) - (Y * Y)));

        public void Change(double x, double y, int sign)
        {
            Count += sign;
            X += sign * x;
            Y += sign * y;
            XX += sign * x * x;
            YY += sign * y * y;
            XY += sign * x * y;
            if (Count <= 0)
                this = default;
        }
    }
}
