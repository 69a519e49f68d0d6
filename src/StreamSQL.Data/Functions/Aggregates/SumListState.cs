using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// SUM_LIST: the elements of all arrays of a batch, one after the other, added by the state of SUM, whose binary form it has.
/// </summary>
internal sealed class SumListState(AggregateState sum, SqlType element, SqlType result) : AggregateState
{
    private readonly Column _elements = Column.Create(element);
    private readonly Column _sums = Column.Create(result);
    private int[] _places = [];
    private int[] _slots = [];
    private int[] _last = [];

    /// <inheritdoc/>
    public override long MemoryBytes => sum.MemoryBytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count) => sum.EnsureSlots(count);

    /// <inheritdoc/>
    public override void Clear(int slot) => sum.Clear(slot);

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var count = Flatten((ArrayColumn)arguments[0], rows, slots);
        sum.Add([_elements], RowSelection.All(count), _slots.AsSpan(0, count), BeginOutput(output, count));
        EndOutput(output, rows.Count);
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var count = Flatten((ArrayColumn)arguments[0], rows, slots);
        sum.Retract([_elements], RowSelection.All(count), _slots.AsSpan(0, count), BeginOutput(output, count));
        EndOutput(output, rows.Count);
    }

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot) => sum.Merge(slot, ((SumListState)other).Sum, otherSlot);

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at) => sum.Read(slots, output, at);

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer) => sum.Save(slot, writer);

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source) => sum.Load(slot, source);

    private AggregateState Sum => sum;

    /// <summary>
    /// Writes out the elements and the slot of each. An empty array is one NULL, which adds nothing, so that every row has a last element.
    /// </summary>
    private int Flatten(ArrayColumn arrays, RowSelection rows, ReadOnlySpan<int> slots)
    {
        if (_last.Length < rows.Count)
            _last = new int[Math.Max(rows.Count, 64)];
        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = arrays.Physical(rows[i]);
            var length = arrays.IsNull(row) ? 0 : arrays.Lengths[row];
            EnsureRoom(count + Math.Max(1, length));
            for (var e = 0; e < length; e++)
                _places[count + e] = arrays.Starts[row] + e;
            if (length == 0)
                _places[count] = -1;
            _slots.AsSpan(count, Math.Max(1, length)).Fill(slots[i]);
            count += Math.Max(1, length);
            _last[i] = count - 1;
        }

        _elements.Reset(count);
        for (var i = 0; i < count; i++)
        {
            if (_places[i] < 0)
                _elements.SetNull(i);
            else
                _elements.CopyRow(arrays.Elements, _places[i], i);
        }

        return count;
    }

    private Column? BeginOutput(Column? output, int count)
    {
        if (output is not null)
            _sums.Reset(count);
        return output is null ? null : _sums;
    }

    private void EndOutput(Column? output, int rows) => output?.Gather(_sums, _last.AsSpan(0, rows), 0);

    private void EnsureRoom(int elements)
    {
        if (_places.Length >= elements)
            return;
        var size = Math.Max(elements, Math.Max(64, 2 * _places.Length));
        Array.Resize(ref _places, size);
        Array.Resize(ref _slots, size);
    }
}
