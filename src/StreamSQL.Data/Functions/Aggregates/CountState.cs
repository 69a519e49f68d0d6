using System.Buffers;
using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>COUNT: one BIGINT per slot. With an argument, rows where it is null are not counted. Saved as 8 bytes.</summary>
internal sealed class CountState : AggregateState
{
    private long[] _counts = [];

    /// <inheritdoc/>
    public override long MemoryBytes => 8L * _counts.Length;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _counts.Length)
            Array.Resize(ref _counts, SlotArrays.Size(_counts.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot) => _counts[slot] = 0;

    /// <inheritdoc/>
    public override void ClearMany(int from, int count) => Array.Clear(_counts, from, count);

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments, rows, slots, output, 1);

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments, rows, slots, output, -1);

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot) => _counts[slot] += ((CountState)other)._counts[otherSlot];

    /// <inheritdoc/>
    public override void MergeMany(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        var (counts, from) = (_counts, ((CountState)other)._counts);
        for (var i = 0; i < slots.Length && i < otherSlots.Length; i++)
            counts[slots[i]] += from[otherSlots[i]];
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        var target = ((FixedColumn<long>)output).Values.AsSpan(at, slots.Length);
        for (var i = 0; i < slots.Length; i++)
            target[i] = _counts[slots[i]];
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer) => ColumnValueCodec.WriteFixed(_counts[slot], writer);

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source) => ColumnValueCodec.ReadFixed(source, out _counts[slot]);

    /// <inheritdoc/>
    public override void SaveMany(ReadOnlySpan<int> slots, IBufferWriter<byte> writer)
    {
        var size = checked(sizeof(long) * slots.Length);
        var target = writer.GetSpan(size);
        for (var i = 0; i < slots.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(target[(sizeof(long) * i)..], _counts[slots[i]]);
        writer.Advance(size);
    }

    /// <inheritdoc/>
    public override int LoadMany(ReadOnlySpan<int> slots, ReadOnlySpan<byte> source)
    {
        var size = checked(sizeof(long) * slots.Length);
        if (source.Length < size)
            throw new InvalidDataException("A count is cut short.");
        for (var i = 0; i < slots.Length; i++)
            _counts[slots[i]] = BinaryPrimitives.ReadInt64LittleEndian(source[(sizeof(long) * i)..]);
        return size;
    }

    private void Change(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output, long step)
    {
        slots = slots[..rows.Count];
        var target = output is null ? default : ((FixedColumn<long>)output).Values.AsSpan(0, slots.Length);
        if (arguments.Length > 0 && arguments[0].MayHaveNulls)
            ChangeNonNull(arguments[0], rows, slots, target, step);
        else if (output is null)
            ChangeAll(slots, step);
        else
            ChangeAll(slots, target, step);
    }

    private void ChangeAll(ReadOnlySpan<int> slots, long step)
    {
        var counts = _counts;
        foreach (var slot in slots)
            counts[slot] += step;
    }

    private void ChangeAll(ReadOnlySpan<int> slots, Span<long> target, long step)
    {
        var counts = _counts;
        for (var i = 0; i < slots.Length && i < target.Length; i++)
            target[i] = counts[slots[i]] += step;
    }

    private void ChangeNonNull(Column argument, RowSelection rows, ReadOnlySpan<int> slots, Span<long> target, long step)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (!argument.IsNull(rows[i]))
                _counts[slots[i]] += step;
            if (i < target.Length)
                target[i] = _counts[slots[i]];
        }
    }
}
