using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// SUM and AVG of numeric: sum and count per slot, without bounds; the sum has the largest scale of the values. Null arguments are skipped.
/// Saved as the count and the sum, a 4-byte length and its bytes.
/// </summary>
/// <param name="isAverage">Whether the result is the sum by the count.</param>
internal sealed class NumericSumState(bool isAverage) : CellState<NumericSumState.Cell>
{
    // One value, for its bytes.
    private readonly BytesColumn _scratch = new(SqlType.Numeric);

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (BytesColumn)arguments[0];
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            if (!argument.IsNull(rows[i]))
            {
                cell.Sum = NumericMath.Add(cell.Sum, NumericColumns.Get(argument, rows[i]));
                cell.Count++;
            }

            if (output is not null)
                Write(cell, (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("SUM and AVG of numeric cannot take rows back: the scale of what is left is not known.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        ref var cell = ref Cells[slot];
        ref var from = ref ((NumericSumState)other).Cells[otherSlot];
        cell.Sum = NumericMath.Add(cell.Sum, from.Sum);
        cell.Count += from.Count;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], (BytesColumn)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ColumnValueCodec.WriteFixed(Cells[slot].Count, writer);
        NumericState.Save(Cells[slot].Sum, _scratch, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out Cells[slot].Count);
        return used + NumericState.Load(source[used..], out Cells[slot].Sum);
    }

    private void Write(in Cell cell, BytesColumn output, int at)
    {
        if (cell.Count == 0)
            output.SetNull(at);
        else
            NumericColumns.Set(output, at, isAverage ? NumericMath.Divide(cell.Sum, new((Int128)cell.Count, 0)) : cell.Sum);
    }

    internal struct Cell
    {
        public NumericValue Sum;
        public long Count;
    }
}

/// <summary>Values of numeric in the saved form of an aggregate's state: a 4-byte length and the bytes that a column has.</summary>
internal static class NumericState
{
    /// <summary>Writes a value.</summary>
    public static void Save(in NumericValue value, BytesColumn scratch, IBufferWriter<byte> writer)
    {
        scratch.Reset(1);
        NumericColumns.Set(scratch, 0, value);
        ColumnValueCodec.Write(scratch, 0, writer);
    }

    /// <summary>Reads a value; returns the bytes used.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public static int Load(ReadOnlySpan<byte> source, out NumericValue value)
    {
        var length = ColumnValueCodec.ReadCount(source);
        value = NumericColumns.Decode(source.Slice(4, length));
        return 4 + length;
    }
}
