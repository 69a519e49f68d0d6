using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// Base-128 variable-length integers: little-endian groups of seven bits; signed ones are zig-zag encoded (as in Protocol Buffers).
/// Every read is bounded by the span; an encoding that does not fit its type is rejected.
/// </summary>
public static class VarInt
{
    /// <summary>The most bytes that a 32-bit value takes.</summary>
    public const int MaxSize32 = 5;

    /// <summary>The most bytes that a 64-bit value takes.</summary>
    public const int MaxSize64 = 10;

    /// <summary>
    /// Reads an unsigned 32-bit value at <paramref name="position"/> and moves past it; false when truncated or too large.
    /// </summary>
    public static bool TryReadUInt32(ReadOnlySpan<byte> source, ref int position, out uint value)
    {
        value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if ((uint)position >= (uint)source.Length)
                return false;
            uint b = source[position++];
            if (shift == 28 && b > 0x0F)
                return false;
            value |= (b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Reads an unsigned 64-bit value at <paramref name="position"/> and moves past it; false when truncated or too large.
    /// </summary>
    public static bool TryReadUInt64(ReadOnlySpan<byte> source, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if ((uint)position >= (uint)source.Length)
                return false;
            ulong b = source[position++];
            if (shift == 63 && b > 1)
                return false;
            value |= (b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }
        return false;
    }

    /// <summary>Reads a signed 32-bit value at <paramref name="position"/> and moves past it; false when truncated or too large.</summary>
    public static bool TryReadInt32(ReadOnlySpan<byte> source, ref int position, out int value)
    {
        bool ok = TryReadUInt32(source, ref position, out uint raw);
        value = UnZigZag(raw);
        return ok;
    }

    /// <summary>Reads a signed 64-bit value at <paramref name="position"/> and moves past it; false when truncated or too large.</summary>
    public static bool TryReadInt64(ReadOnlySpan<byte> source, ref int position, out long value)
    {
        bool ok = TryReadUInt64(source, ref position, out ulong raw);
        value = UnZigZag(raw);
        return ok;
    }

    /// <summary>
    /// Writes an unsigned 32-bit value and returns the bytes used. The span must hold <see cref="MaxSize32"/> bytes or the exact size.
    /// </summary>
    public static int WriteUInt32(Span<byte> target, uint value)
    {
        int i = 0;
        while (value >= 0x80)
        {
            target[i++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[i++] = (byte)value;
        return i;
    }

    /// <summary>
    /// Writes an unsigned 64-bit value and returns the bytes used. The span must hold <see cref="MaxSize64"/> bytes or the exact size.
    /// </summary>
    public static int WriteUInt64(Span<byte> target, ulong value)
    {
        int i = 0;
        while (value >= 0x80)
        {
            target[i++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[i++] = (byte)value;
        return i;
    }

    /// <summary>Writes a signed 32-bit value and returns the bytes used.</summary>
    public static int WriteInt32(Span<byte> target, int value) => WriteUInt32(target, ZigZag(value));

    /// <summary>Writes a signed 64-bit value and returns the bytes used.</summary>
    public static int WriteInt64(Span<byte> target, long value) => WriteUInt64(target, ZigZag(value));

    /// <summary>The bytes that an unsigned 32-bit value takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfUInt32(uint value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6; // Log2 / 7 + 1

    /// <summary>The bytes that an unsigned 64-bit value takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfUInt64(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6; // Log2 / 7 + 1

    /// <summary>The bytes that a signed 32-bit value takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfInt32(int value) => SizeOfUInt32(ZigZag(value));

    /// <summary>The bytes that a signed 64-bit value takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfInt64(long value) => SizeOfUInt64(ZigZag(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int UnZigZag(uint value) => (int)(value >> 1) ^ -(int)(value & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
