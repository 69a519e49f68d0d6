using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// Variances and standard deviations of DOUBLE: count, sum, and the sum of squared differences from the mean, kept up by Youngs and
/// Cramer's recurrence (as ksqlDB and PostgreSQL do), which loses no digits to large sums. Null
/// arguments are skipped. Saved as count, mean and squares, little endian.
/// </summary>
/// <param name="emptyIsZero">Whether fewer than two values give 0 (ksqlDB), not null.</param>
/// <param name="isSample">Whether one less than the number of values is divided by.</param>
/// <param name="isRoot">Whether the result is the square root: the standard deviation.</param>
internal sealed class DeviationState(bool emptyIsZero, bool isSample = true, bool isRoot = true) : CellState<DeviationState.Cell>
{
    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var values = new ValueReader<double>(arguments[0]);
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!arguments[0].IsNull(rows[i]))
            {
                cell.Sum += values[rows[i]];
                cell.Squares += ++cell.Count == 1 ? First(values[rows[i]]) : Share(cell, values[rows[i]]);
            }

            if (output is not null)
                Write(cell, (FixedColumn<double>)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var values = new ValueReader<double>(arguments[0]);
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!arguments[0].IsNull(rows[i]))
            {
                cell.Squares -= cell.Count <= 1 ? 0 : Share(cell, values[rows[i]]);
                cell.Sum -= values[rows[i]];
                if (--cell.Count == 0)
                    cell = default;
            }

            if (output is not null)
                Write(cell, (FixedColumn<double>)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((DeviationState)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        if (cell.Count == 0)
        {
            cell = from;
            return;
        }

        if (from.Count == 0)
            return;
        var count = cell.Count + from.Count;
        var difference = (from.Sum / from.Count) - (cell.Sum / cell.Count);
        cell.Squares += from.Squares + (difference * difference * cell.Count * from.Count / count);
        cell.Sum += from.Sum;
        cell.Count = count;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], (FixedColumn<double>)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ColumnValueCodec.WriteFixed(Cells[slot].Count, writer);
        ColumnValueCodec.WriteFixed(Cells[slot].Count == 0 ? 0 : Cells[slot].Sum / Cells[slot].Count, writer);
        ColumnValueCodec.WriteFixed(Cells[slot].Squares, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out Cells[slot].Count);
        used += ColumnValueCodec.ReadFixed(source[used..], out double mean);
        Cells[slot].Sum = mean * Cells[slot].Count;
        return used + ColumnValueCodec.ReadFixed(source[used..], out Cells[slot].Squares);
    }

    // To PostgreSQL how far an infinite value is from itself is not known.
    private double First(double value) => emptyIsZero || double.IsFinite(value) ? 0 : double.NaN;

    /// <summary>What a value, counted already, adds to the sum of squared differences.</summary>
    private static double Share(in Cell cell, double value)
    {
        var difference = (cell.Count * value) - cell.Sum;
        return difference * difference / ((double)cell.Count * (cell.Count - 1));
    }

    private void Write(in Cell cell, FixedColumn<double> output, int at)
    {
        var least = isSample ? 2 : 1;
        var variance = cell.Count < least ? 0 : Math.Max(0, cell.Squares / (isSample ? cell.Count - 1 : cell.Count));
        output.Values[at] = isRoot ? Math.Sqrt(variance) : variance;
        if (cell.Count < least && !emptyIsZero)
            output.SetNull(at);
    }

    internal struct Cell
    {
        public long Count;
        public double Sum;
        public double Squares;
    }
}
