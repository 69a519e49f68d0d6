using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// ATTR and HISTOGRAM: how often each value of a group is there. Saved as a 4-byte count and, per value in order of arrival, the form of
/// <see cref="ColumnValueCodec.WriteNullable"/> and its count (8 bytes).
/// </summary>
/// <param name="type">The type of the values.</param>
/// <param name="isHistogram">Whether the counts are the result and NULL is skipped; else the result is
/// the one value, if it is the only one.</param>
internal sealed class CountedState(SqlType type, bool isHistogram) : AggregateState
{
    /// <summary>How many different values a histogram counts; more are left out.</summary>
    public const int MaxHistogramValues = 1000;

    private ValueCounts?[] _groups = [];
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (8L * _groups.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _groups.Length)
            Array.Resize(ref _groups, SlotArrays.Size(_groups.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _groups[slot]?.MemoryBytes ?? 0;
        _groups[slot] = null;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments[0], rows, slots, output, 1);

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments[0], rows, slots, output, -1);

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        if (((CountedState)other)._groups[otherSlot] is not { } from)
            return;
        for (var i = 0; i < from.Entries; i++)
        {
            if (from.CountOf(i) > 0)
                Count(slot, from.Values, i, from.CountOf(i));
        }
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(_groups[slots[i]], output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var group = _groups[slot];
        ColumnValueCodec.WriteFixed(group?.Different ?? 0, writer);
        for (var i = 0; i < (group?.Entries ?? 0); i++)
        {
            if (group!.CountOf(i) == 0)
                continue;
            ColumnValueCodec.WriteNullable(group.Values, i, writer);
            ColumnValueCodec.WriteFixed(group.CountOf(i), writer);
        }
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        var count = ColumnValueCodec.ReadCount(source);
        var used = 4;
        var value = Column.Create(type);
        value.Reset(1);
        for (var i = 0; i < count; i++)
        {
            value.Reset(1);
            used += ColumnValueCodec.ReadNullable(source[used..], value, 0);
            used += ColumnValueCodec.ReadFixed(source[used..], out long times);
            if (times < 1)
                throw new InvalidDataException("A value is counted less than once.");
            Count(slot, value, 0, times);
        }

        return used;
    }

    private void Change(Column values, RowSelection rows, ReadOnlySpan<int> slots, Column? output, long difference)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (!isHistogram || !values.IsNull(rows[i]))
                Count(slots[i], values, rows[i], difference);
            if (output is not null)
                Write(_groups[slots[i]], output, i);
        }
    }

    private void Count(int slot, Column source, int row, long difference)
    {
        ref var group = ref _groups[slot];
        var before = group?.MemoryBytes ?? 0;
        group ??= new ValueCounts(type);
        group.Add(source, row, difference, isHistogram ? MaxHistogramValues : int.MaxValue);
        _bytes += group.MemoryBytes - before;
    }

    private void Write(ValueCounts? group, Column output, int at)
    {
        if (!isHistogram)
        {
            var only = group is { Different: 1 } ? group.First : -1;
            if (only < 0)
                output.SetNull(at);
            else
                output.CopyRow(group!.Values, only, at);
            return;
        }

        var map = (MapColumn)output;
        var entry = map.Allocate(at, group?.Different ?? 0);
        for (var i = 0; i < (group?.Entries ?? 0); i++)
        {
            if (group!.CountOf(i) == 0)
                continue;
            map.Keys.CopyRow(group.Values, i, entry);
            ((FixedColumn<long>)map.Values).Values[entry++] = group.CountOf(i);
        }
    }
}
