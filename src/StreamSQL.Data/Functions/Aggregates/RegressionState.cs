using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>What is read from the sums of pairs (y, x).</summary>
internal enum RegressionKind : byte
{
    /// <summary>REGR_COUNT.</summary>
    Count,

    /// <summary>REGR_AVGX.</summary>
    AverageX,

    /// <summary>REGR_AVGY.</summary>
    AverageY,

    /// <summary>REGR_SXX.</summary>
    SquaresX,

    /// <summary>REGR_SYY.</summary>
    SquaresY,

    /// <summary>REGR_SXY.</summary>
    Products,

    /// <summary>REGR_SLOPE.</summary>
    Slope,

    /// <summary>REGR_INTERCEPT.</summary>
    Intercept,

    /// <summary>REGR_R2.</summary>
    Determination,

    /// <summary>CORR.</summary>
    Correlation,

    /// <summary>COVAR_POP.</summary>
    PopulationCovariance,

    /// <summary>COVAR_SAMP.</summary>
    SampleCovariance,
}

/// <summary>
/// The regression aggregates of pairs (y, x) of DOUBLE: their number, their means, and the sums of squares and products of the differences
/// from those (Welford), which lose no digits to large values. Pairs with a NULL are skipped. Saved as the six, little endian.
/// </summary>
internal sealed class RegressionState(RegressionKind kind) : CellState<RegressionState.Cell>
{
    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var (first, second) = (arguments[0], arguments[1]);
        var ys = new ValueReader<double>(first);
        var xs = new ValueReader<double>(second);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            ref var cell = ref Cells[slots[i]];
            if (!first.IsNull(row) && !second.IsNull(row))
                cell.Add(xs[row], ys[row]);
            if (output is not null)
                Write(cell, output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("Regressions cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((RegressionState)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        if (cell.Count == 0)
        {
            cell = from;
            return;
        }

        if (from.Count == 0)
            return;
        var count = cell.Count + from.Count;
        var (dx, dy) = (from.MeanX - cell.MeanX, from.MeanY - cell.MeanY);
        var weight = (double)cell.Count * from.Count / count;
        cell.SquaresX += from.SquaresX + (dx * dx * weight);
        cell.SquaresY += from.SquaresY + (dy * dy * weight);
        cell.Products += from.Products + (dx * dy * weight);
        cell.MeanX += dx * from.Count / count;
        cell.MeanY += dy * from.Count / count;
        cell.Count = count;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ref var cell = ref Cells[slot];
        ColumnValueCodec.WriteFixed(cell.Count, writer);
        foreach (var sum in (ReadOnlySpan<double>)[cell.MeanX, cell.MeanY, cell.SquaresX, cell.SquaresY, cell.Products])
            ColumnValueCodec.WriteFixed(sum, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        ref var cell = ref Cells[slot];
        var used = ColumnValueCodec.ReadFixed(source, out cell.Count);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.MeanX);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.MeanY);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.SquaresX);
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.SquaresY);
        return used + ColumnValueCodec.ReadFixed(source[used..], out cell.Products);
    }

    private void Write(in Cell cell, Column output, int at)
    {
        if (kind == RegressionKind.Count)
        {
            ((FixedColumn<long>)output).Values[at] = cell.Count;
            return;
        }

        if (Result(cell) is { } value)
            ((FixedColumn<double>)output).Values[at] = value;
        else
            output.SetNull(at);
    }

    private double? Result(in Cell cell)
    {
        if (cell.Count < (kind == RegressionKind.SampleCovariance ? 2 : 1))
            return null;
        return kind switch
        {
            RegressionKind.AverageX => cell.MeanX,
            RegressionKind.AverageY => cell.MeanY,
            RegressionKind.SquaresX => cell.SquaresX,
            RegressionKind.SquaresY => cell.SquaresY,
            RegressionKind.Products => cell.Products,
            RegressionKind.PopulationCovariance => cell.Products / cell.Count,
            RegressionKind.SampleCovariance => cell.Products / (cell.Count - 1),
            _ when cell.SquaresX == 0 => null,
            RegressionKind.Slope => cell.Products / cell.SquaresX,
            RegressionKind.Intercept => cell.MeanY - (cell.MeanX * cell.Products / cell.SquaresX),
            RegressionKind.Determination when cell.SquaresY == 0 => 1,
            RegressionKind.Determination => cell.Products * cell.Products / (cell.SquaresX * cell.SquaresY),
            _ when cell.SquaresY == 0 => null,
            _ => cell.Products / Math.Sqrt(cell.SquaresX * cell.SquaresY),
        };
    }

    internal struct Cell
    {
        public long Count;
        public double MeanX;
        public double MeanY;
        public double SquaresX;
        public double SquaresY;
        public double Products;

        public void Add(double x, double y)
        {
            Count++;
            var (dx, dy) = (x - MeanX, y - MeanY);
            MeanX += dx / Count;
            MeanY += dy / Count;
            SquaresX += dx * (x - MeanX);
            SquaresY += dy * (y - MeanY);
            Products += dx * (y - MeanY);
        }
    }
}
