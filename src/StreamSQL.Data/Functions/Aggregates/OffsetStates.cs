using System.Buffers;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions.Kernels;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// Numbers rows in the order in which they are added, over all states of the process, so that two groups can be merged by it. Only the
/// order means anything.
/// </summary>
internal static class OffsetSequence
{
    private static long Last;

    /// <summary>Takes <paramref name="count"/> numbers; returns the first.</summary>
    public static long Take(int count) => Interlocked.Add(ref Last, count) - count + 1;

    /// <summary>Makes all later numbers larger than a restored one.</summary>
    public static void Restore(long sequence)
    {
        var last = Volatile.Read(ref Last);
        while (last < sequence)
            last = Interlocked.CompareExchange(ref Last, sequence, last);
    }
}

/// <summary>
/// LATEST_BY_OFFSET and EARLIEST_BY_OFFSET of a fixed-size value: the value, its sequence number, and a mark per slot. Saved as the mark (0
/// empty, 1 value, 2 null), the sequence number (8 bytes) and the value, little endian. A second
/// argument, a constant BOOLEAN, says whether nulls are skipped.
/// </summary>
internal sealed class OffsetState<T>(bool latest) : CellState<OffsetState<T>.Cell>
    where T : unmanaged
{
    private const byte IsValue = 1;
    private const byte IsNullValue = 2;

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (FixedColumn<T>)arguments[0];
        var values = new ValueReader<T>(argument);
        var takeNulls = arguments.Length > 1 && ((FixedColumn<byte>)arguments[1])[0] == 0;
        var sequence = OffsetSequence.Take(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            ref var cell = ref Cells[slots[i]];
            var row = rows[i];
            var isNull = argument.IsNull(row);
            if ((latest || cell.Mark == 0) && (!isNull || takeNulls))
                cell = new() { Mark = isNull ? IsNullValue : IsValue, Sequence = sequence + i, Value = isNull ? default : values[row] };
            if (output is not null)
                Write(cell, (FixedColumn<T>)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("LATEST_BY_OFFSET and EARLIEST_BY_OFFSET cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = ((OffsetState<T>)other).Cells[otherSlot];
        ref var cell = ref Cells[slot];
        if (from.Mark != 0 && (cell.Mark == 0 || from.Sequence > cell.Sequence == latest))
            cell = from;
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(Cells[slots[i]], (FixedColumn<T>)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ref var cell = ref Cells[slot];
        ColumnValueCodec.WriteFixed(cell.Mark, writer);
        ColumnValueCodec.WriteFixed(cell.Sequence, writer);
        ColumnValueCodec.WriteFixed(cell.Value, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        ref var cell = ref Cells[slot];
        var used = ColumnValueCodec.ReadFixed(source, out cell.Mark);
        if (cell.Mark > IsNullValue)
            throw new InvalidDataException("An aggregate's mark is not 0, 1 or 2.");
        used += ColumnValueCodec.ReadFixed(source[used..], out cell.Sequence);
        OffsetSequence.Restore(cell.Sequence);
        return used + ColumnValueCodec.ReadFixed(source[used..], out cell.Value);
    }

    private static void Write(in Cell cell, FixedColumn<T> output, int at)
    {
        if (cell.Mark == IsValue)
            output.Values[at] = cell.Value;
        else
            output.SetNull(at);
    }

    internal struct Cell
    {
        public long Sequence;
        public T Value;
        public byte Mark;
    }
}

/// <summary>
/// LATEST_BY_OFFSET and EARLIEST_BY_OFFSET of text and nested values, and of the last or first n values of any type: per group a short list
/// of encoded values. Saved as a 4-byte count, then per value its sequence number (8 bytes), a 4-byte length and the bytes of
/// <see cref="ColumnValueCodec.WriteNullable"/>.
/// </summary>
/// <param name="latest">Whether the last values are kept, else the first.</param>
/// <param name="asArray">Whether the second argument is the number of values, and the result an ARRAY.</param>
internal sealed class OffsetListState(bool latest, bool asArray) : AggregateState
{
    private const int MaxValues = 100_000;

    private readonly ArrayBufferWriter<byte> _scratch = new();
    private List<(long Sequence, byte[] Value)>?[] _lists = [];
    private int _limit = 1;
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (8L * _lists.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _lists.Length)
            Array.Resize(ref _lists, SlotArrays.Size(_lists.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        foreach (var (_, value) in _lists[slot] ?? [])
            _bytes -= Cost(value);
        _lists[slot] = null;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var (ignoreNulls, limit) = ReadConstants(arguments);
        _limit = limit;
        var sequence = OffsetSequence.Take(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var list = _lists[slots[i]] ??= [];
            if ((latest || list.Count < _limit) && !(ignoreNulls && arguments[0].IsNull(rows[i])))
            {
                _scratch.ResetWrittenCount();
                ColumnValueCodec.WriteNullable(arguments[0], rows[i], _scratch);
                Append(list, sequence + i, _scratch.WrittenSpan.ToArray());
            }

            if (output is not null)
                Write(list, output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("LATEST_BY_OFFSET and EARLIEST_BY_OFFSET cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = (OffsetListState)other;
        if (from._lists[otherSlot] is not { } others)
            return;
        _limit = Math.Max(_limit, from._limit);
        var all = (_lists[slot] ?? []).Concat(others).OrderBy(static entry => entry.Sequence).ToList();
        Clear(slot);
        var list = _lists[slot] = [];
        foreach (var (sequence, value) in latest ? all.TakeLast(_limit) : all.Take(_limit))
            Append(list, sequence, value);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(_lists[slots[i]] ?? [], output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var list = _lists[slot] ?? [];
        ColumnValueCodec.WriteFixed(list.Count, writer);
        foreach (var (sequence, value) in list)
        {
            ColumnValueCodec.WriteFixed(sequence, writer);
            ColumnValueCodec.WriteFixed(value.Length, writer);
            writer.Write(value);
        }
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        var count = ColumnValueCodec.ReadCount(source);
        var list = _lists[slot] = [];
        _limit = Math.Max(_limit, count);
        var used = 4;
        for (var i = 0; i < count; i++)
        {
            used += ColumnValueCodec.ReadFixed(source[used..], out long sequence);
            var length = ColumnValueCodec.ReadCount(source[used..]);
            OffsetSequence.Restore(sequence);
            Append(list, sequence, source.Slice(used + 4, length).ToArray());
            used += 4 + length;
        }

        return used;
    }

    private static long Cost(byte[] value) => value.Length + 40;

    private static (bool IgnoreNulls, int Limit) ReadConstants(ReadOnlySpan<Column> arguments)
    {
        var ignoreNulls = true;
        var limit = 1;
        foreach (var argument in arguments[1..])
        {
            if (argument is FixedColumn<byte> flag)
                ignoreNulls = flag[0] != 0;
            else if (argument is FixedColumn<int> number)
                limit = number[0];
        }

        return limit is >= 1 and <= MaxValues
            ? (ignoreNulls, limit)
            : throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
                $"the number of values to keep is 1 to {MaxValues}, not {limit}");
    }

    private void Append(List<(long Sequence, byte[] Value)> list, long sequence, byte[] value)
    {
        list.Add((sequence, value));
        _bytes += Cost(value);
        if (list.Count <= _limit)
            return;
        _bytes -= Cost(list[0].Value);
        list.RemoveAt(0);
    }

    private void Write(List<(long Sequence, byte[] Value)> list, Column output, int at)
    {
        if (!asArray)
        {
            if (list.Count == 0)
                output.SetNull(at);
            else
                ColumnValueCodec.ReadNullable(list[0].Value, output, at);
            return;
        }

        var array = (ArrayColumn)output;
        var start = array.Allocate(at, list.Count);
        for (var i = 0; i < list.Count; i++)
            ColumnValueCodec.ReadNullable(list[i].Value, array.Elements, start + i);
    }
}
