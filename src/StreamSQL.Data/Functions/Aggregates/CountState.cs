using System.Buffers;
using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// COUNT: one BIGINT per slot, of 4 bytes until one does not fit them. With an argument, rows where it
/// is null are not counted. Saved as 8 bytes.
/// </summary>
internal sealed class CountState : AggregateState
{
    private int[] _short = [];
    private long[]? _long;

    /// <inheritdoc/>
    public override long MemoryBytes => _long is null ? 4L * _short.Length : 8L * _long.Length;

    private long this[int slot]
    {
        get => _long is { } counts ? counts[slot] : _short[slot];
        set
        {
            if (_long is null && value == (int)value)
                _short[slot] = (int)value;
            else
                Widen()[slot] = value;
        }
    }

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        var old = _long?.Length ?? _short.Length;
        if (count <= old)
            return;
        if (_long is null)
            Array.Resize(ref _short, SlotArrays.Size(old, count));
        else
            Array.Resize(ref _long, SlotArrays.Size(old, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot) => this[slot] = 0;

    /// <inheritdoc/>
    public override void ClearMany(int from, int count) => Array.Clear((Array?)_long ?? _short, from, count);

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments, rows, slots, output, 1);

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        Change(arguments, rows, slots, output, -1);

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot) => this[slot] += ((CountState)other)[otherSlot];

    /// <inheritdoc/>
    public override void MergeMany(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        var from = (CountState)other;
        for (var i = 0; i < slots.Length && i < otherSlots.Length; i++)
            this[slots[i]] += from[otherSlots[i]];
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        var target = ((FixedColumn<long>)output).Values.AsSpan(at, slots.Length);
        for (var i = 0; i < slots.Length; i++)
            target[i] = this[slots[i]];
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer) => ColumnValueCodec.WriteFixed(this[slot], writer);

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        var size = ColumnValueCodec.ReadFixed(source, out long count);
        this[slot] = count;
        return size;
    }

    /// <inheritdoc/>
    public override void SaveMany(ReadOnlySpan<int> slots, IBufferWriter<byte> writer)
    {
        var size = checked(sizeof(long) * slots.Length);
        var target = writer.GetSpan(size);
        for (var i = 0; i < slots.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(target[(sizeof(long) * i)..], this[slots[i]]);
        writer.Advance(size);
    }

    /// <inheritdoc/>
    public override int LoadMany(ReadOnlySpan<int> slots, ReadOnlySpan<byte> source)
    {
        var size = checked(sizeof(long) * slots.Length);
        if (source.Length < size)
            throw new InvalidDataException("A count is cut short.");
        for (var i = 0; i < slots.Length; i++)
            this[slots[i]] = BinaryPrimitives.ReadInt64LittleEndian(source[(sizeof(long) * i)..]);
        return size;
    }

    private void Change(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output, int step)
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

    private void ChangeAll(ReadOnlySpan<int> slots, int step)
    {
        var done = _long is null ? ChangeShort(slots, step) : 0;
        if (done < slots.Length)
            ChangeLong(slots[done..], default, step);
    }

    private void ChangeAll(ReadOnlySpan<int> slots, Span<long> target, int step)
    {
        var done = _long is null ? ChangeShort(slots, target, step) : 0;
        if (done < slots.Length)
            ChangeLong(slots[done..], target[done..], step);
    }

    /// <summary>Changes counts up to the first one that does not fit 4 bytes; returns how many.</summary>
    private int ChangeShort(ReadOnlySpan<int> slots, int step)
    {
        var counts = _short;
        for (var i = 0; i < slots.Length; i++)
        {
            if (!TryChange(ref counts[slots[i]], step))
                return i;
        }

        return slots.Length;
    }

    /// <summary>Does the same, and notes each count.</summary>
    private int ChangeShort(ReadOnlySpan<int> slots, Span<long> target, int step)
    {
        var counts = _short;
        target = target[..slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            if (!TryChange(ref counts[slots[i]], step))
                return i;
            target[i] = counts[slots[i]];
        }

        return slots.Length;
    }

    private void ChangeLong(ReadOnlySpan<int> slots, Span<long> target, int step)
    {
        var counts = Widen();
        for (var i = 0; i < slots.Length; i++)
        {
            var count = counts[slots[i]] += step;
            if (i < target.Length)
                target[i] = count;
        }
    }

    private void ChangeNonNull(Column argument, RowSelection rows, ReadOnlySpan<int> slots, Span<long> target, int step)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (!argument.IsNull(rows[i]))
                this[slots[i]] += step;
            if (i < target.Length)
                target[i] = this[slots[i]];
        }
    }

    private static bool TryChange(ref int count, int step)
    {
        var changed = (long)count + step;
        if (changed != (int)changed)
            return false;
        count = (int)changed;
        return true;
    }

    private long[] Widen()
    {
        if (_long is null)
        {
            _long = Array.ConvertAll(_short, static count => (long)count);
            _short = [];
        }

        return _long;
    }
}
