using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// MIN or MAX of text or bytes: one byte array per group that has a value. Saved as a 4-byte length (-1: no value) and the bytes.
/// </summary>
/// <param name="sign">1 for MAX, -1 for MIN.</param>
/// <param name="isNumeric">Whether the bytes are values of numeric, which have an order of their own.</param>
internal sealed class TextExtremeState(int sign, bool isNumeric = false) : AggregateState
{
    private byte[]?[] _values = [];
    private int[] _lengths = [];
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (12L * _lengths.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        var old = _lengths.Length;
        if (count <= old)
            return;
        Array.Resize(ref _lengths, SlotArrays.Size(old, count));
        Array.Resize(ref _values, _lengths.Length);
        _lengths.AsSpan(old).Fill(-1);
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _values[slot]?.Length ?? 0;
        _values[slot] = null;
        _lengths[slot] = -1;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var argument = (BytesColumn)arguments[0];
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (!argument.IsNull(row))
                Take(slots[i], argument[row]);
            if (output is not null)
                Write(slots[i], (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("MIN and MAX cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = (TextExtremeState)other;
        if (from._lengths[otherSlot] >= 0)
            Take(slot, from._values[otherSlot].AsSpan(0, from._lengths[otherSlot]));
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> slots, Column output, int at)
    {
        for (var i = 0; i < slots.Length; i++)
            Write(slots[i], (BytesColumn)output, at + i);
    }

    /// <inheritdoc/>
    public override void Save(int slot, IBufferWriter<byte> writer)
    {
        ColumnValueCodec.WriteFixed(_lengths[slot], writer);
        writer.Write(_values[slot].AsSpan(0, Math.Max(0, _lengths[slot])));
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        ColumnValueCodec.ReadFixed(source, out int length);
        if (length == -1)
            return 4;
        length = ColumnValueCodec.ReadCount(source);
        Store(slot, source.Slice(4, length));
        return 4 + length;
    }

    private void Take(int slot, ReadOnlySpan<byte> value)
    {
        var length = _lengths[slot];
        if (length < 0 || Compare(value, _values[slot].AsSpan(0, length)) * sign > 0)
            Store(slot, value);
    }

    private int Compare(ReadOnlySpan<byte> value, ReadOnlySpan<byte> other) =>
        isNumeric ? NumericColumns.Compare(value, other) : value.SequenceCompareTo(other);

    private void Store(int slot, ReadOnlySpan<byte> value)
    {
        var array = _values[slot];
        if (array is null || array.Length < value.Length)
        {
            _bytes += value.Length - (array?.Length ?? 0);
            _values[slot] = array = new byte[value.Length];
        }

        value.CopyTo(array);
        _lengths[slot] = value.Length;
    }

    private void Write(int slot, BytesColumn output, int at)
    {
        if (_lengths[slot] < 0)
            output.SetNull(at);
        else
            output.Set(at, _values[slot].AsSpan(0, _lengths[slot]));
    }
}
