using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// The bytes that a decoder reads and the way to its values. A position is never beyond its record's end; what is read there returns the
/// position behind it, or null after noting a fault.
/// </summary>
internal sealed unsafe class AvroContext
{
    /// <summary>Values inside each other that are skipped; those that are read are as deep as their SQL type.</summary>
    public const int MaxDepth = 200;

    private const ulong TopBits = 0x8080808080808080;

    /// <summary>The buffer that all records lie in.</summary>
    public byte[] Buffer = [];

    /// <summary>Its first byte, pinned.</summary>
    public byte* Start;

    /// <summary>Before it, eight bytes may be loaded at once.</summary>
    public byte* WideEnd;

    /// <summary>The fault last noted.</summary>
    public AvroFault Fault;

    /// <summary>The step that met it; null where no column is concerned.</summary>
    public AvroStep? FaultStep;

    /// <summary>How deep what is being skipped is.</summary>
    public int Depth;

    /// <summary>Begins with a buffer, which must stay pinned at this place.</summary>
    public void Open(byte[] buffer, byte* start)
    {
        Buffer = buffer;
        Start = start;
        WideEnd = BitConverter.IsLittleEndian && buffer.Length >= sizeof(ulong) ? start + buffer.Length - sizeof(ulong) + 1 : start;
        Depth = 0;
    }

    /// <summary>Notes a fault; returns null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte* Fail(AvroFault fault)
    {
        Fault = fault;
        FaultStep = null;
        return null;
    }

    /// <summary>Reads an integer of any length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadLong(byte* position, byte* end, out long value)
    {
        if (position < WideEnd)
        {
            // The load may go beyond the record, not beyond the buffer; the end is looked at afterwards.
            var word = Unsafe.ReadUnaligned<ulong>(position);
            var stop = ~word & TopBits;
            if (stop != 0)
            {
                var next = position + (BitOperations.TrailingZeroCount(stop) >> 3) + 1;
                if (next <= end)
                {
                    value = AvroVarint.Zag(Gather(word, stop ^ (stop - 1)));
                    return next;
                }
            }
        }

        return ReadLongSlowly(position, end, out value);
    }

    /// <summary>Reads an integer that is most often of one byte: a length, count or branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadSmall(byte* position, byte* end, out long value)
    {
        if (position < end && *position < 0x80)
        {
            value = AvroVarint.Zag(*position);
            return position + 1;
        }

        return ReadLongSlowly(position, end, out value);
    }

    /// <summary>Reads the length of what follows, which is within the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* ReadLength(byte* position, byte* end, out int length)
    {
        var next = ReadSmall(position, end, out var value);
        length = (int)value;
        if (next != null && (ulong)value > (ulong)(end - next))
            return Fail(AvroFault.BadLength);
        return next;
    }

    /// <summary>
    /// Reads the head of a block: how many items follow (0 after the last block), and how many bytes
    /// they have, -1 where that is not written.
    /// </summary>
    /// <param name="position">The position.</param>
    /// <param name="end">The record's end.</param>
    /// <param name="itemSize">The bytes that each item has at least.</param>
    /// <param name="count">The number of items; what is left of the record has room for them.</param>
    /// <param name="size">Their bytes, within the record.</param>
    public byte* ReadBlock(byte* position, byte* end, int itemSize, out long count, out long size)
    {
        size = -1;
        var next = ReadSmall(position, end, out count);
        if (next != null && count < 0)
        {
            // The most negative number has no positive one: it stays negative and is refused below.
            count = -count;
            next = ReadSmall(next, end, out size);
            if (next != null && (ulong)size > (ulong)(end - next))
                return Fail(AvroFault.BadLength);
        }

        if (next != null && (count < 0 || (itemSize > 0 && count > (end - next) / itemSize)))
            return Fail(AvroFault.BadLength);
        return next;
    }

    /// <summary>Goes on by a number of bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Advance(byte* position, byte* end, long bytes) => bytes <= end - position ? position + bytes : Fail(AvroFault.Truncated);

    /// <summary>
    /// The groups of seven bits under the mask, side by side. (The instruction for it takes many cycles on some processors.)
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Gather(ulong word, ulong mask)
    {
        word &= mask & ~TopBits;
        word = (word & 0x007F007F007F007F) | ((word & 0x7F007F007F007F00) >> 1);
        word = (word & 0x00003FFF00003FFF) | ((word & 0x3FFF00003FFF0000) >> 2);
        return (word & 0x000000000FFFFFFF) | ((word & 0x0FFFFFFF00000000) >> 4);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ReadLongSlowly(byte* position, byte* end, out long value)
    {
        value = 0;
        ulong bits = 0;
        for (var shift = 0; position < end; shift += 7)
        {
            var next = *position++;
            // The tenth byte has the one bit that is left.
            if (shift == 63 && next > 1)
                return Fail(AvroFault.IntegerTooLong);
            bits |= (ulong)(next & 0x7F) << shift;
            if (next >= 0x80)
                continue;
            value = AvroVarint.Zag(bits);
            return position;
        }

        return Fail(AvroFault.Truncated);
    }
}
