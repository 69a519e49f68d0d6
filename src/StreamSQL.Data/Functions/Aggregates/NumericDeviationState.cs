using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// Variance and standard deviation of numeric: count, sum and sum of squares per slot, without bounds. Null arguments are skipped. Saved as
/// the count, the sum and the squares, each a 4-byte length and its bytes.
/// </summary>
/// <param name="isSample">Whether one less than the number of values is divided by.</param>
/// <param name="isRoot">Whether the result is the square root: the standard deviation.</param>
internal sealed class NumericDeviationState(bool isSample, bool isRoot) : CellState<NumericDeviationState.Cell>
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
                var value = NumericColumns.Get(argument, rows[i]);
                cell.Count++;
                cell.Sum = NumericMath.Add(cell.Sum, value);
                cell.Squares = NumericMath.Add(cell.Squares, NumericMath.Multiply(value, value));
            }

            if (output is not null)
                Write(cell, (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("Deviations of numeric cannot take rows back: the scale of what is left is not known.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        ref var cell = ref Cells[slot];
        ref var from = ref ((NumericDeviationState)other).Cells[otherSlot];
        cell.Count += from.Count;
        cell.Sum = NumericMath.Add(cell.Sum, from.Sum);
        cell.Squares = NumericMath.Add(cell.Squares, from.Squares);
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
        NumericState.Save(Cells[slot].Squares, _scratch, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var used = ColumnValueCodec.ReadFixed(source, out Cells[slot].Count);
        used += NumericState.Load(source[used..], out Cells[slot].Sum);
        return used + NumericState.Load(source[used..], out Cells[slot].Squares);
    }

    private void Write(in Cell cell, BytesColumn output, int at) =>
        Deviation.Write(cell.Sum, cell.Squares, cell.Count, isSample, isRoot, output, at);

    internal struct Cell
    {
        public long Count;
        public NumericValue Sum;
        public NumericValue Squares;
    }
}
