using System.Buffers;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// TOPK and TOPKDISTINCT: the k largest values of each group, largest first, or structs of them and other columns, ordered by the first
/// field; of equals the earlier comes first. A null value is skipped; k is a constant last argument.
/// Saved as a 4-byte count and the values in the form of <see cref="ColumnValueCodec.WriteNullable"/>.
/// </summary>
internal sealed class TopState(SqlType type, bool distinct) : AggregateState
{
    private const int MaxValues = 10_000;

    private (Column Values, int Count)[] _groups = [];
    private int _limit = 1;
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (16L * _groups.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count > _groups.Length)
            Array.Resize(ref _groups, SlotArrays.Size(_groups.Length, count));
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _groups[slot].Values?.MemoryBytes ?? 0;
        _groups[slot] = default;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        _limit = ((FixedColumn<int>)arguments[^1])[0];
        if (_limit is < 1 or > MaxValues)
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
                $"the number of values to keep is 1 to {MaxValues}, not {_limit}");
        var values = arguments.Length == 2 ? arguments[0] : AsStruct(arguments[..^1]);
        for (var i = 0; i < rows.Count; i++)
        {
            if (!arguments[0].IsNull(rows[i]))
                Take(slots[i], values, rows[i]);
            if (output is not null)
                Write(slots[i], (ArrayColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("TOPK and TOPKDISTINCT cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = (TopState)other;
        _limit = Math.Max(_limit, from._limit);
        var (values, count) = from._groups[otherSlot];
        for (var i = 0; i < count; i++)
            Take(slot, values, i);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(slots[i], (ArrayColumn)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        var (values, count) = _groups[slot];
        ColumnValueCodec.WriteFixed(count, writer);
        for (var i = 0; i < count; i++)
            ColumnValueCodec.WriteNullable(values, i, writer);
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        var count = ColumnValueCodec.ReadCount(source);
        var values = Column.Create(type);
        var used = 4;
        for (var i = 0; i < count; i++)
            used += ColumnValueCodec.ReadNullable(source[used..], values, i);
        _limit = Math.Max(_limit, count);
        _groups[slot] = (values, count);
        _bytes += values.MemoryBytes;
        return used;
    }

    /// <summary>The argument columns as the fields of one: nothing is copied.</summary>
    private StructColumn AsStruct(ReadOnlySpan<Column> columns)
    {
        var structs = new StructColumn(type);
        columns.CopyTo(structs.Fields);
        return structs;
    }

    private static Column KeyOf(Column values) => values is StructColumn structs ? structs.Fields[0] : values;

    private void Take(int slot, Column source, int row)
    {
        (Column? values, var count) = _groups[slot];
        var place = count;
        var (key, keys) = (KeyOf(source), values is null ? null : KeyOf(values));
        while (place > 0 && ColumnValue.Compare(key, row, keys!, place - 1) > 0)
            place--;
        if (place >= _limit || (distinct && place > 0 && ColumnValue.AreEqual(key, row, keys!, place - 1)))
            return;

        var kept = Math.Min(count + 1, _limit);
        var next = Column.Create(type);
        next.Grow(kept);
        for (var i = 0; i < kept; i++)
            next.CopyRow(i == place ? source : values!, i == place ? row : i < place ? i : i - 1, i);
        _bytes += next.MemoryBytes - (values?.MemoryBytes ?? 0);
        _groups[slot] = (next, kept);
    }

    private void Write(int slot, ArrayColumn output, int at)
    {
        var (values, count) = _groups[slot];
        var start = output.Allocate(at, count);
        for (var i = 0; i < count; i++)
            output.Elements.CopyRow(values, i, start + i);
    }
}
