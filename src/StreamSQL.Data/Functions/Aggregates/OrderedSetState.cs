using System.Buffers;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>What is read from the sorted values of a group.</summary>
internal enum OrderedSetKind : byte
{
    /// <summary>PERCENTILE_CONT: between two values where the place is between them.</summary>
    Continuous,

    /// <summary>PERCENTILE_DISC: the first value at or behind the place.</summary>
    Discrete,

    /// <summary>MODE: the value that comes most often, the first of them.</summary>
    Mode,
}

/// <summary>
/// The ordered-set aggregates: the values of each group, which come sorted, and the fraction (or the fractions) that is asked for, that of
/// the last row. Null values are skipped. Saved as the fraction, a 4-byte count and the values, each in the form of
/// <see cref="ColumnValueCodec.WriteNullable"/>.
/// </summary>
/// <param name="kind">What is read.</param>
/// <param name="type">The type of the values.</param>
/// <param name="fraction">The type of the first argument, DOUBLE or an array of it; null for MODE, which has none.</param>
internal sealed class OrderedSetState(OrderedSetKind kind, SqlType type, SqlType? fraction) : AggregateState
{
    private ValueBag?[] _bags = [];
    private readonly Column? _fractions = fraction is null ? null : Column.Create(fraction);
    private int _slots;
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (8L * _bags.Length) + _bytes + (_fractions?.MemoryBytes ?? 0);

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _bags.Length)
            Array.Resize(ref _bags, SlotArrays.Size(_bags.Length, count));
        if (_fractions is null || count <= _slots)
            return;
        _fractions.Grow(_bags.Length);
        for (var slot = _slots; slot < _bags.Length; slot++)
            _fractions.SetNull(slot);
        _slots = _bags.Length;
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _bags[slot]?.MemoryBytes ?? 0;
        _bags[slot] = null;
        _fractions?.SetNull(slot);
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var values = arguments[^1];
        for (var i = 0; i < rows.Count; i++)
        {
            // The fraction is the same in all rows of a group.
            if (_fractions is not null && _bags[slots[i]] is null)
                _fractions.CopyRow(arguments[0], rows[i], slots[i]);
            AddTo(slots[i], values, rows[i]);
            if (output is not null)
                Write(slots[i], output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("Ordered-set aggregates cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var state = (OrderedSetState)other;
        if (state._bags[otherSlot] is not { } from)
            return;
        if (_bags[slot] is null && _fractions is not null)
            _fractions.CopyRow(state._fractions!, otherSlot, slot);
        _bags[slot] ??= NewBag();
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
        if (_fractions is not null)
            ColumnValueCodec.WriteNullable(_fractions, slot, writer);
        var bag = _bags[slot];
        ColumnValueCodec.WriteFixed(bag?.Count ?? -1, writer);
        for (var i = 0; i < (bag?.Count ?? 0); i++)
            ColumnValueCodec.WriteNullable(bag!.Values, i, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        var used = _fractions is null ? 0 : ColumnValueCodec.ReadNullable(source, _fractions, slot);
        used += ColumnValueCodec.ReadFixed(source[used..], out int count);
        if (count < -1 || count > source.Length)
            throw new InvalidDataException($"An ordered set has an impossible count of {count}.");
        if (count < 0)
            return used;
        var bag = _bags[slot] = NewBag();
        for (var i = 0; i < count; i++)
            used += bag.Load(source[used..]);
        _bytes += bag.MemoryBytes;
        return used;
    }

    private ValueBag NewBag() => new(type, distinct: false);

    private void AddTo(int slot, Column source, int row)
    {
        ref var bag = ref _bags[slot];
        var before = bag?.MemoryBytes ?? 0;
        bag ??= NewBag();
        if (!source.IsNull(row))
            bag.Add(source, row);
        _bytes += bag.MemoryBytes - before;
    }

    private void Write(int slot, Column output, int at)
    {
        if (_bags[slot] is not { Count: > 0 } bag)
            output.SetNull(at);
        else if (kind == OrderedSetKind.Mode)
            output.CopyRow(bag.Values, Mode(bag), at);
        else if (_fractions!.IsNull(slot))
            output.SetNull(at);
        else if (_fractions is ArrayColumn list)
            WriteAll(bag, list, slot, (ArrayColumn)output, at);
        else
            WriteOne(bag, ((FixedColumn<double>)_fractions)[slot], output, at);
    }

    private void WriteAll(ValueBag bag, ArrayColumn fractions, int slot, ArrayColumn output, int at)
    {
        var count = fractions.Lengths[slot];
        var start = output.Allocate(at, count);
        for (var i = 0; i < count; i++)
        {
            if (fractions.Elements.IsNull(fractions.Starts[slot] + i))
                output.Elements.SetNull(start + i);
            else
                WriteOne(bag, ((FixedColumn<double>)fractions.Elements)[fractions.Starts[slot] + i], output.Elements, start + i);
        }
    }

    private void WriteOne(ValueBag bag, double fraction, Column output, int at)
    {
        if (double.IsNaN(fraction) || fraction is < 0 or > 1)
            throw new SqlException(PostgresErrorCodes.NumericValueOutOfRange,
                FormattableString.Invariant($"percentile value {fraction} is not between 0 and 1"));
        if (kind == OrderedSetKind.Discrete)
        {
            output.CopyRow(bag.Values, Math.Max(0, (int)Math.Ceiling(fraction * bag.Count) - 1), at);
            return;
        }

        var place = fraction * (bag.Count - 1);
        var (below, above) = ((int)Math.Floor(place), (int)Math.Ceiling(place));
        if (bag.Values is FixedColumn<double> numbers)
        {
            var low = numbers[below];
            ((FixedColumn<double>)output).Values[at] = below == above ? low : low + ((place - below) * (numbers[above] - low));
            return;
        }

        var spans = (FixedColumn<long>)bag.Values;
        ((FixedColumn<long>)output).Values[at] = spans[below] + (long)Math.Round((place - below) * (spans[above] - spans[below]));
    }

    private static int Mode(ValueBag bag)
    {
        var (best, bestCount, start) = (0, 0, 0);
        for (var i = 1; i <= bag.Count; i++)
        {
            if (i < bag.Count && ColumnValue.AreEqual(bag.Values, i, bag.Values, start))
                continue;
            if (i - start > bestCount)
                (best, bestCount) = (start, i - start);
            start = i;
        }

        return best;
    }
}
