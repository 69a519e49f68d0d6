using System.Buffers;
using System.Runtime.CompilerServices;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// SUM of BIGINT as a DECIMAL without digits after the point. It never leaves its range: 2^63 values of 2^63 have fewer than 38 digits.
/// Null arguments are skipped; a group without values is null. Saved as <see cref="FoldState{T, TFold}"/> saves a DECIMAL.
/// </summary>
internal sealed class WideSumState : CellState<WideSumState.Cell>
{
    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (FixedColumn<long>)arguments[0];
        slots = slots[..rows.Count];
        if (output is not null || argument.MayHaveNulls || argument.IsConstant)
            ChangeEach(argument, rows, slots, (FixedColumn<Int128>?)output, isAdded: true);
        else if (rows.IsDense)
            AddDense(argument.Values.AsSpan(0, slots.Length), slots);
        else
            AddSparse(argument.Values, rows.Rows, slots);
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        ChangeEach((FixedColumn<long>)arguments[0], rows, slots[..rows.Count], (FixedColumn<Int128>?)output, isAdded: false);

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((WideSumState)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        cell.Sum += from.Sum;
        cell.HasValue |= from.HasValue;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], (FixedColumn<Int128>)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ColumnValueCodec.WriteFixed((byte)(Cells[slot].HasValue ? 1 : 0), writer);
        ColumnValueCodec.WriteFixed(Cells[slot].Sum, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out byte mark);
        if (mark > 1)
            throw new InvalidDataException("An aggregate's mark is neither 0 nor 1.");
        Cells[slot].HasValue = mark == 1;
        used += ColumnValueCodec.ReadFixed(source[used..], out Int128 sum);
        Cells[slot].Sum = sum;
        return used;
    }

    private void AddDense(ReadOnlySpan<long> values, ReadOnlySpan<int> slots)
    {
        var cells = Cells;
        for (var i = 0; i < slots.Length && i < values.Length; i++)
            cells[slots[i]].Add(values[i]);
    }

    private void AddSparse(long[] values, ReadOnlySpan<int> rows, ReadOnlySpan<int> slots)
    {
        var cells = Cells;
        for (var i = 0; i < slots.Length && i < rows.Length; i++)
            cells[slots[i]].Add(values[rows[i]]);
    }

    private void ChangeEach(FixedColumn<long> argument, RowSelection rows, ReadOnlySpan<int> slots, FixedColumn<Int128>? target,
        bool isAdded)
    {
        var values = new ValueReader<long>(argument);
        for (var i = 0; i < slots.Length; i++)
        {
            ref var cell = ref Cells[slots[i]];
            var row = rows[i];
            if (!argument.IsNull(row) && isAdded)
                cell.Add(values[row]);
            else if (!argument.IsNull(row))
                cell.Sum -= values[row];
            if (target is not null)
                Write(cell, target, i);
        }
    }

    private static void Write(in Cell cell, FixedColumn<Int128> target, int at)
    {
        target.Values[at] = cell.Sum;
        if (!cell.HasValue)
            target.SetNull(at);
    }

    internal struct Cell
    {
        private ulong _low;
        private long _high;
        public bool HasValue;

        public Int128 Sum
        {
            readonly get => new((ulong)_high, _low);
            set => (_low, _high) = ((ulong)value, (long)(value >> 64));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(long value)
        {
            var low = _low + (ulong)value;
            _high += (value >> 63) + (low < (ulong)value ? 1 : 0);
            _low = low;
            HasValue = true;
        }
    }
}
