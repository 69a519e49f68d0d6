using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>What a group of values is read as.</summary>
internal enum CollectKind : byte
{
    /// <summary>COLLECT_LIST: all of them, nulls too.</summary>
    List,

    /// <summary>PostgreSQL's ARRAY_AGG: all of them, nulls too; NULL when there is none.</summary>
    Array,

    /// <summary>COLLECT_SET: each once, null too.</summary>
    Set,

    /// <summary>COUNT_DISTINCT: how many different ones, null not counted.</summary>
    CountDistinct,
}

/// <summary>
/// COLLECT_LIST, COLLECT_SET, COUNT_DISTINCT: the values of each group. Saved as a 4-byte count and the values in the form of
/// <see cref="ColumnValueCodec.WriteNullable"/>, in order of arrival.
/// </summary>
/// <param name="type">The type of the values.</param>
/// <param name="kind">What they are read as.</param>
/// <param name="limit">How many values a group keeps; later ones are left out.</param>
internal sealed class CollectState(SqlType type, CollectKind kind, int limit) : AggregateState
{
    private ValueBag?[] _bags = [];
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (8L * _bags.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _bags.Length)
            Array.Resize(ref _bags, SlotArrays.Size(_bags.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _bags[slot]?.MemoryBytes ?? 0;
        _bags[slot] = null;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (kind != CollectKind.CountDistinct || !arguments[0].IsNull(rows[i]))
                AddTo(slots[i], arguments[0], rows[i]);
            if (output is not null)
                Write(slots[i], output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        if (kind is not (CollectKind.List or CollectKind.Array))
            throw new NotSupportedException("COLLECT_SET and COUNT_DISTINCT cannot take rows back.");
        for (var i = 0; i < rows.Count; i++)
        {
            if (_bags[slots[i]] is { } bag)
            {
                _bytes -= bag.MemoryBytes;
                bag.RemoveLast(arguments[0], rows[i]);
                _bytes += bag.MemoryBytes;
            }

            if (output is not null)
                Write(slots[i], output, i);
        }
    }

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        if (((CollectState)other)._bags[otherSlot] is not { } from)
            return;
        for (var i = 0; i < from.Count; i++)
            AddTo(slot, from.Values, i);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(slots[i], output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var bag = _bags[slot];
        ColumnValueCodec.WriteFixed(bag?.Count ?? 0, writer);
        for (var i = 0; i < (bag?.Count ?? 0); i++)
            ColumnValueCodec.WriteNullable(bag!.Values, i, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        var count = ColumnValueCodec.ReadCount(source);
        var used = 4;
        if (count == 0)
            return used;
        var bag = _bags[slot] = NewBag();
        for (var i = 0; i < count; i++)
            used += bag.Load(source[used..]);
        _bytes += bag.MemoryBytes;
        return used;
    }

    private ValueBag NewBag() => new(type, distinct: kind is CollectKind.Set or CollectKind.CountDistinct);

    private void AddTo(int slot, Column source, int row)
    {
        ref var bag = ref _bags[slot];
        var before = bag?.MemoryBytes ?? 0;
        bag ??= NewBag();
        if (bag.Count < limit)
            bag.Add(source, row);
        _bytes += bag.MemoryBytes - before;
    }

    private void Write(int slot, Column output, int at)
    {
        var bag = _bags[slot];
        var count = bag?.Count ?? 0;
        if (kind == CollectKind.CountDistinct)
        {
            ((FixedColumn<long>)output).Values[at] = count;
            return;
        }

        if (kind == CollectKind.Array && count == 0)
        {
            output.SetNull(at);
            return;
        }

        var array = (ArrayColumn)output;
        var start = array.Allocate(at, count);
        for (var i = 0; i < count; i++)
            array.Elements.CopyRow(bag!.Values, i, start + i);
    }
}
