using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>How AVG adds up values of one type and divides.</summary>
internal interface IAverage<TIn, TSum>
    where TIn : unmanaged
    where TSum : unmanaged
{
    /// <summary>Adds a value.</summary>
    static abstract TSum Add(TSum sum, TIn value);

    /// <summary>Takes a value back.</summary>
    static abstract TSum Subtract(TSum sum, TIn value);

    /// <summary>Adds two sums.</summary>
    static abstract TSum Combine(TSum left, TSum right);

    /// <summary>The average as a DOUBLE.</summary>
    static abstract double Divide(TSum sum, long count, int scale);

    /// <summary>The sum as a numeric.</summary>
    static abstract NumericValue Exact(TSum sum, int scale);
}

/// <summary>AVG of INTEGER.</summary>
internal readonly struct AverageInt32 : IAverage<int, long>
{
    public static long Add(long sum, int value) => sum + value;

    public static long Subtract(long sum, int value) => sum - value;

    public static long Combine(long left, long right) => left + right;

    public static double Divide(long sum, long count, int scale) => (double)sum / count;

    public static NumericValue Exact(long sum, int scale) => new((Int128)sum, scale);
}

/// <summary>AVG of BIGINT: the sum has 128 bits, so it never overflows.</summary>
internal readonly struct AverageInt64 : IAverage<long, Int128>
{
    public static Int128 Add(Int128 sum, long value) => sum + value;

    public static Int128 Subtract(Int128 sum, long value) => sum - value;

    public static Int128 Combine(Int128 left, Int128 right) => left + right;

    public static double Divide(Int128 sum, long count, int scale) => (double)sum / count;

    public static NumericValue Exact(Int128 sum, int scale) => new((Int128)sum, scale);
}

/// <summary>AVG of DECIMAL.</summary>
internal readonly struct AverageDecimal : IAverage<Int128, Int128>
{
    public static Int128 Add(Int128 sum, Int128 value) => checked(sum + value);

    public static Int128 Subtract(Int128 sum, Int128 value) => checked(sum - value);

    public static Int128 Combine(Int128 left, Int128 right) => checked(left + right);

    public static double Divide(Int128 sum, long count, int scale) => DecimalMath.ToDouble(sum, scale) / count;

    public static NumericValue Exact(Int128 sum, int scale) => new((Int128)sum, scale);
}

/// <summary>AVG of DOUBLE.</summary>
internal readonly struct AverageDouble : IAverage<double, double>
{
    public static double Add(double sum, double value) => sum + value;

    public static double Subtract(double sum, double value) => sum - value;

    public static double Combine(double left, double right) => left + right;

    public static double Divide(double sum, long count, int scale) => sum / count;

    public static NumericValue Exact(double sum, int scale) => throw new NotSupportedException("An average of DOUBLE is a DOUBLE.");
}

/// <summary>
/// AVG: sum and count per slot. Null arguments are skipped. Saved as the sum and the count, little endian.
/// </summary>
/// <param name="scale">Digits after the point of a DECIMAL argument.</param>
/// <param name="emptyIsZero">Whether a group without values is 0 (ksqlDB), not null.</param>
internal sealed class AverageState<TIn, TSum, TAverage>(int scale, bool emptyIsZero) : CellState<AverageState<TIn, TSum, TAverage>.Cell>
    where TIn : unmanaged
    where TSum : unmanaged
    where TAverage : struct, IAverage<TIn, TSum>
{
    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (FixedColumn<TIn>)arguments[0];
        var values = new ValueReader<TIn>(argument);
        slots = slots[..rows.Count];
        for (var i = 0; i < slots.Length; i++)
        {
            ref var cell = ref Cells[slots[i]];
            var row = rows[i];
            if (!argument.IsNull(row))
            {
                cell.Sum = TAverage.Add(cell.Sum, values[row]);
                cell.Count++;
            }

            if (output is not null)
                Write(cell, output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (FixedColumn<TIn>)arguments[0];
        var values = new ValueReader<TIn>(argument);
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            var row = rows[i];
            if (!argument.IsNull(row))
            {
                cell.Sum = TAverage.Subtract(cell.Sum, values[row]);
                cell.Count--;
            }

            if (output is not null)
                Write(cell, output, i);
        }
    }

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((AverageState<TIn, TSum, TAverage>)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        if (cell.Count == 0)
        {
            cell = from;
            return;
        }

        cell.Sum = TAverage.Combine(cell.Sum, from.Sum);
        cell.Count += from.Count;
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
        ColumnValueCodec.WriteFixed(Cells[slot].Sum, writer);
        ColumnValueCodec.WriteFixed(Cells[slot].Count, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out Cells[slot].Sum);
        return used + ColumnValueCodec.ReadFixed(source[used..], out Cells[slot].Count);
    }

    /// <inheritdoc/>
    public override int LoadMany(ReadOnlySpan<int> slots, ReadOnlySpan<byte> source)
    {
        // The same as in the base class, but here the calls are direct.
        var used = 0;
        foreach (var slot in slots)
            used += Load(slot, source[used..]);
        return used;
    }

    private void Write(in Cell cell, Column output, int at)
    {
        if (cell.Count == 0)
            WriteEmpty(output, at);
        else if (output is FixedColumn<double> doubles)
            doubles.Values[at] = TAverage.Divide(cell.Sum, cell.Count, scale);
        else
            NumericColumns.Set((BytesColumn)output, at, NumericMath.Divide(TAverage.Exact(cell.Sum, scale), new((Int128)cell.Count, 0)));
    }

    private void WriteEmpty(Column output, int at)
    {
        if (!emptyIsZero)
            output.SetNull(at);
        else
            ((FixedColumn<double>)output).Values[at] = 0;
    }

    internal struct Cell
    {
        public TSum Sum;
        public long Count;
    }
}
