using System.Buffers;
using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Aggregates;

/// <summary>
/// STRING_AGG: the values of each group as one text (or bytea), before each but the first the delimiter of its row; a null value is
/// skipped, a null delimiter is empty. Saved as a 4-byte length (-1: no value yet) and the text.
/// </summary>
internal sealed class TextListState : AggregateState
{
    private byte[]?[] _texts = [];
    private int[] _lengths = [];
    private long _bytes;

    /// <inheritdoc/>
    public override long MemoryBytes => (12L * _texts.Length) + _bytes;

    /// <inheritdoc/>
    public override void EnsureSlots(int count)
    {
        if (count <= _texts.Length)
            return;
        var size = SlotArrays.Size(_texts.Length, count);
        Array.Resize(ref _texts, size);
        Array.Resize(ref _lengths, size);
    }

    /// <inheritdoc/>
    public override void Clear(int slot)
    {
        _bytes -= _texts[slot]?.Length ?? 0;
        _texts[slot] = null;
        _lengths[slot] = 0;
    }

    /// <inheritdoc/>
    public override void Add(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output)
    {
        var values = (BytesColumn)arguments[0];
        var delimiters = (BytesColumn)arguments[1];
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (!values.IsNull(row))
                Append(slots[i], delimiters.IsNull(row) ? default : delimiters[row], values[row]);
            if (output is not null)
                Write(slots[i], (BytesColumn)output, i);
        }
    }

    /// <inheritdoc/>
    public override void Retract(ReadOnlySpan<Column> arguments, RowSelection rows, ReadOnlySpan<int> slots, Column? output) =>
        throw new NotSupportedException("STRING_AGG cannot take rows back.");

    /// <inheritdoc/>
    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
        var from = (TextListState)other;
        if (from._texts[otherSlot] is { } text)
            Append(slot, default, text.AsSpan(0, from._lengths[otherSlot]));
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
        var text = _texts[slot];
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), text is null ? -1 : _lengths[slot]);
        writer.Advance(sizeof(int));
        if (text is not null)
            writer.Write(text.AsSpan(0, _lengths[slot]));
    }

    /// <inheritdoc/>
    public override int Load(int slot, ReadOnlySpan<byte> source)
    {
        Clear(slot);
        if (source.Length < sizeof(int))
            throw new InvalidDataException("The state of STRING_AGG is cut off.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(source);
        if (length < -1 || length > source.Length - sizeof(int))
            throw new InvalidDataException($"The state of STRING_AGG has an impossible length of {length}.");
        if (length >= 0)
            Append(slot, default, source.Slice(sizeof(int), length));
        return sizeof(int) + Math.Max(length, 0);
    }

    private void Append(int slot, ReadOnlySpan<byte> delimiter, ReadOnlySpan<byte> value)
    {
        var text = _texts[slot];
        var length = _lengths[slot];
        var between = text is null ? default : delimiter;
        var needed = checked(length + between.Length + value.Length);
        if (text is null || needed > text.Length)
        {
            var grown = new byte[Math.Max(needed, Math.Min(2L * length, Array.MaxLength))];
            text.AsSpan(0, length).CopyTo(grown);
            _bytes += grown.Length - (text?.Length ?? 0);
            _texts[slot] = text = grown;
        }

        between.CopyTo(text.AsSpan(length));
        value.CopyTo(text.AsSpan(length + between.Length));
        _lengths[slot] = needed;
    }

    private void Write(int slot, BytesColumn output, int at)
    {
        if (_texts[slot] is { } text)
            output.Set(at, text.AsSpan(0, _lengths[slot]));
        else
            output.SetNull(at);
    }
}
