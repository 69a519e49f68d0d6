using System.Buffers;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions.Kernels;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// SUM, MIN, MAX of fixed-size values: one value and one mark per slot. Null arguments are skipped. Saved as one byte (1 when a value was
/// taken in) and the value, little endian.
/// </summary>
/// <param name="name">The function's name, for errors.</param>
/// <param name="fold">The operation.</param>
/// <param name="emptyIsZero">Whether a group without values is 0 (ksqlDB's SUM), not null.</param>
internal sealed class FoldState<T, TFold>(string name, TFold fold, bool emptyIsZero) : CellState<FoldState<T, TFold>.Cell>
    where T : unmanaged
    where TFold : struct, IFold<T>
{
    private readonly TFold _fold = fold;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (FixedColumn<T>)arguments[0];
        slots = slots[..rows.Count];
        if (output is null && !argument.MayHaveNulls)
            AddAll(argument, rows, slots);
        else
            AddEach(argument, rows, slots, (FixedColumn<T>?)output);
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        if (!_fold.CanRetract)
            throw new NotSupportedException($"{name} cannot take rows back.");
        var argument = (FixedColumn<T>)arguments[0];
        var values = new ValueReader<T>(argument);
        var target = (FixedColumn<T>?)output;
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!argument.IsNull(rows[i]) && !_fold.TryRetract(ref cell.Value, values[rows[i]]))
                ThrowOutOfRange();
            if (target is not null)
                Write(cell, target, i);
        }
    }

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((FoldState<T, TFold>)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        if (!cell.HasValue)
            cell = from;
        else if (from.HasValue && !_fold.TryAdd(ref cell.Value, from.Value, isFirst: false))
            ThrowOutOfRange();
    }

    /// <inheritdoc/>
    public override void MergeMany(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        // The same as in the base class, but here the calls are direct.
        for (var i = 0; i < slots.Length; i++)
            Merge(slots[i], other, otherSlots[i]);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        var target = (FixedColumn<T>)output;
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], target, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ColumnValueCodec.WriteFixed((byte)(Cells[slot].HasValue ? 1 : 0), writer);
        ColumnValueCodec.WriteFixed(Cells[slot].Value, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out byte mark);
        if (mark > 1)
            throw new InvalidDataException("An aggregate's mark is neither 0 nor 1.");
        Cells[slot].HasValue = mark == 1;
        return used + ColumnValueCodec.ReadFixed(source[used..], out Cells[slot].Value);
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

    private void AddAll(FixedColumn<T> argument, RowSelection rows, ReadOnlySpan<int> slots)
    {
        var cells = Cells;
        if (argument.IsConstant)
        {
            for (var i = 0; i < slots.Length; i++)
                Take(ref cells[slots[i]], argument.Values[0]);
        }
        else if (rows.IsDense)
        {
            var dense = argument.Values.AsSpan(0, slots.Length);
            for (var i = 0; i < slots.Length && i < dense.Length; i++)
                Take(ref cells[slots[i]], dense[i]);
        }
        else
        {
            var values = argument.Values;
            var list = rows.Rows;
            for (var i = 0; i < slots.Length && i < list.Length; i++)
                Take(ref cells[slots[i]], values[list[i]]);
        }
    }

    private void AddEach(FixedColumn<T> argument, RowSelection rows, ReadOnlySpan<int> slots, FixedColumn<T>? target)
    {
        var values = new ValueReader<T>(argument);
        for (var i = 0; i < slots.Length; i++)
        {
            ref var cell = ref Cells[slots[i]];
            var row = rows[i];
            if (!argument.IsNull(row))
                Take(ref cell, values[row]);
            if (target is not null)
                Write(cell, target, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(ref Cell cell, T value)
    {
        if (!_fold.TryAdd(ref cell.Value, value, !cell.HasValue))
            ThrowOutOfRange();
        cell.HasValue = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Write(in Cell cell, FixedColumn<T> target, int at)
    {
        target.Values[at] = cell.Value;
        if (!cell.HasValue && !emptyIsZero)
            target.SetNull(at);
    }

    private void ThrowOutOfRange() => throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange,
        $"Numeric field overflow: a result of {name} is out of range");

    internal struct Cell
    {
        public T Value;
        public bool HasValue;
    }
}
