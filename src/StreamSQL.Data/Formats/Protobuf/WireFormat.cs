using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamSQL.Data.Formats.Protobuf;

/// <summary>
/// The parts of Protobuf's wire format. Readers get the end of their message and never look beyond it;
/// -1 or false says that it does not fit.
/// </summary>
internal static class WireFormat
{
    /// <summary>Groups inside each other that are skipped.</summary>
    public const int MaxGroupDepth = 100;

    /// <summary>The most bytes of a varint.</summary>
    public const int MaxVarintLength = 10;

    private const ulong HighBits = 0x8080_8080_8080_8080;

    /// <summary>What stands before a value.</summary>
    public static uint Tag(int number, WireType type) => ((uint)number << 3) | (uint)type;

    /// <summary>Reads a varint; the position stays where it is when there is none.</summary>
    public static bool TryReadVarint(byte[] buffer, ref int at, int end, out ulong value, out WireFault fault)
    {
        var next = ReadVarint(buffer, at, end, out value);
        fault = next < 0 ? FaultOf(next) : WireFault.None;
        if (next < 0)
            return false;
        at = next;
        return true;
    }

    /// <summary>
    /// Reads a varint and returns where it ends; a negative number, for <see cref="FaultOf"/>, when there is none. Nothing is passed by
    /// reference that a loop over fields would keep in a register.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadVarint(byte[] buffer, int at, int end, out ulong value)
    {
        if (at < end && buffer[at] < 0x80)
        {
            value = buffer[at];
            return at + 1;
        }

        var next = ReadLongVarint(buffer, at, end, out var read);
        value = read;
        return next;
    }

    /// <summary>What is wrong where <see cref="ReadVarint"/> returned a negative number.</summary>
    public static WireFault FaultOf(int position) => (WireFault)(-position);

    private static int ReadLongVarint(byte[] buffer, int at, int end, out ulong value)
    {
        if (buffer.Length - at >= sizeof(ulong))
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at));
            var stops = ~word & HighBits;
            var length = (BitOperations.TrailingZeroCount(stops) >> 3) + 1;
            if (stops != 0 && length <= end - at)
            {
                // Keep the bytes up to the first without high bit, then close the gaps: 7 bits to 14, to 28, to 56.
                word &= (stops ^ (stops - 1)) & ~HighBits;
                word = (word & 0x007F_007F_007F_007F) | ((word & 0x7F00_7F00_7F00_7F00) >> 1);
                word = (word & 0x0000_3FFF_0000_3FFF) | ((word & 0x3FFF_0000_3FFF_0000) >> 2);
                value = (word & 0x0000_0000_0FFF_FFFF) | ((word & 0x0FFF_FFFF_0000_0000) >> 4);
                return at + length;
            }
        }

        return ReadVarintByBytes(buffer, at, end, out value);
    }

    /// <summary>Near the end of the buffer, for the longest varints, and for those that do not end.</summary>
    private static int ReadVarintByBytes(byte[] buffer, int at, int end, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * MaxVarintLength; shift += 7)
        {
            if (at >= end)
                return -(int)WireFault.Truncated;
            var current = buffer[at++];
            // The tenth byte has room for one bit; higher ones are dropped, as all implementations do.
            value |= (ulong)(current & 0x7F) << shift;
            if (current < 0x80)
                return at;
        }

        return -(int)WireFault.InvalidVarint;
    }

    /// <summary>Undoes zig-zag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Zig-zag: small numbers of both signs become small ones without.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>How many bytes a varint takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int VarintLength(ulong value) => (BitOperations.Log2(value | 1) * 9 + 73) / 64;

    /// <summary>Skips the rest of a group, the position behind its start tag; the end is behind its end tag.</summary>
    public static WireFault SkipGroup(byte[] buffer, ref int at, int end, uint number)
    {
        Span<uint> open = stackalloc uint[MaxGroupDepth];
        var depth = 0;
        open[0] = number;
        while (true)
        {
            if (!TryReadVarint(buffer, ref at, end, out var tag, out var fault))
                return fault;
            if (tag > uint.MaxValue || tag >> 3 == 0)
                return WireFault.InvalidTag;
            switch ((WireType)(tag & 7))
            {
                case WireType.StartGroup when depth == MaxGroupDepth - 1:
                    return WireFault.TooDeep;
                case WireType.StartGroup:
                    open[++depth] = (uint)(tag >> 3);
                    break;
                case WireType.EndGroup when open[depth] != tag >> 3:
                    return WireFault.InvalidGroup;
                case WireType.EndGroup when depth-- == 0:
                    return WireFault.None;
                case WireType.EndGroup:
                    break;
                default:
                    fault = SkipValue(buffer, ref at, end, (WireType)(tag & 7), out _);
                    if (fault != WireFault.None)
                        return fault;
                    break;
            }
        }
    }

    /// <summary>
    /// Skips a value of any wire type, the position behind its tag. A delimited one has its bytes before the new position.
    /// </summary>
    public static WireFault Skip(byte[] buffer, ref int at, int end, uint tag, out int length)
    {
        length = 0;
        return (WireType)(tag & 7) switch
        {
            WireType.StartGroup => SkipGroup(buffer, ref at, end, tag >> 3),
            WireType.EndGroup => WireFault.InvalidGroup,
            _ => SkipValue(buffer, ref at, end, (WireType)(tag & 7), out length),
        };
    }

    private static WireFault SkipValue(byte[] buffer, ref int at, int end, WireType type, out int skipped)
    {
        skipped = 0;
        ulong length;
        switch (type)
        {
            case WireType.Varint:
                return TryReadVarint(buffer, ref at, end, out _, out var fault) ? WireFault.None : fault;
            case WireType.Delimited:
                if (!TryReadVarint(buffer, ref at, end, out length, out fault))
                    return fault;
                break;
            case WireType.Fixed32:
                length = sizeof(uint);
                break;
            case WireType.Fixed64:
                length = sizeof(ulong);
                break;
            default:
                return WireFault.InvalidTag;
        }

        if (length > (ulong)(end - at))
            return WireFault.Truncated;
        skipped = (int)length;
        at += skipped;
        return WireFault.None;
    }
}
