using System.Buffers;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>SUM of intervals, part by part.</summary>
internal readonly struct SumInterval : IFold<Interval>
{
    public bool CanRetract => true;

    public bool TryAdd(ref Interval state, Interval value, bool isFirst) => Interval.TryAdd(state, value, out var sum)
        && Set(ref state, sum);

    public bool TryRetract(ref Interval state, Interval value) => Interval.TrySubtract(state, value, out var difference)
        && Set(ref state, difference);

    private static bool Set(ref Interval state, Interval value)
    {
        state = value;
        return true;
    }
}

/// <summary>MIN of intervals; of equal ones the last.</summary>
internal readonly struct SmallestInterval : IFold<Interval>
{
    public bool CanRetract => false;

    public bool TryAdd(ref Interval state, Interval value, bool isFirst)
    {
        if (isFirst || value <= state)
            state = value;
        return true;
    }

    public bool TryRetract(ref Interval state, Interval value) => false;
}

/// <summary>MAX of intervals; of equal ones the last.</summary>
internal readonly struct LargestInterval : IFold<Interval>
{
    public bool CanRetract => false;

    public bool TryAdd(ref Interval state, Interval value, bool isFirst)
    {
        if (isFirst || value >= state)
            state = value;
        return true;
    }

    public bool TryRetract(ref Interval state, Interval value) => false;
}

/// <summary>
/// AVG of intervals: the sum divided by the count, NULL without values. Saved as the count, months, days and microseconds.
/// </summary>
internal sealed class IntervalAverageState : CellState<IntervalAverageState.Cell>
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
        var from = ((IntervalAverageState)other).Cells[otherSlot];
        Cells[slot].Count += from.Count;
        Take(ref Cells[slot], from.Sum, 1);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], (FixedColumn<Interval>)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var cell = Cells[slot];
        ColumnValueCodec.WriteFixed(cell.Count, writer);
        ColumnValueCodec.WriteFixed(cell.Sum.Months, writer);
        ColumnValueCodec.WriteFixed(cell.Sum.Days, writer);
        ColumnValueCodec.WriteFixed(cell.Sum.Micros, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out long count);
        used += ColumnValueCodec.ReadFixed(source[used..], out int months);
        used += ColumnValueCodec.ReadFixed(source[used..], out int days);
        used += ColumnValueCodec.ReadFixed(source[used..], out long micros);
        Cells[slot] = new() { Count = count, Sum = new(months, days, micros) };
        return used;
    }

    private void Change(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output, int sign)
    {
        var argument = (FixedColumn<Interval>)arguments[0];
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!argument.IsNull(rows[i]))
            {
                cell.Count += sign;
                Take(ref cell, argument[rows[i]], sign);
            }

            if (output is not null)
                Write(cell, (FixedColumn<Interval>)output, i);
        }
    }

    private static void Take(ref Cell cell, Interval value, int sign)
    {
        if (sign > 0 ? Interval.TryAdd(cell.Sum, value, out var sum) : Interval.TrySubtract(cell.Sum, value, out sum))
            cell.Sum = sum;
        else
            throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow, "interval out of range");
    }

    private static void Write(in Cell cell, FixedColumn<Interval> output, int at)
    {
        if (cell.Count > 0 && cell.Sum.TryDivide(cell.Count, out var average))
            output.Values[at] = average;
        else
            output.SetNull(at);
    }

    internal struct Cell
    {
        public long Count;
        public Interval Sum;
    }
}
