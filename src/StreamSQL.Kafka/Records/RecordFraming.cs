using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// Walks over ordinary records faster than <see cref="RecordBatchReader"/> does, since it keeps nothing of them: those without headers,
/// whose lengths take at most three bytes. At anything else it stops, and the reader judges.
/// </summary>
internal static class RecordFraming
{
    private const int LongestVarInt = 3;
    private const uint Null = 1; // -1 in zig-zag
    private const uint TooLong = uint.MaxValue;

    // What is read behind the end of a record at most, before that is noticed: length, attributes, timestamp, offset and two lengths.
    private const int Margin = (4 * LongestVarInt) + 1 + VarInt.MaxSize64;

    /// <summary>
    /// How many records at the beginning are in order (well-formed, offset deltas counting up from 0, with keys if they are required) and
    /// ordinary. The last few are never counted.
    /// </summary>
    /// <param name="records">Uncompressed records.</param>
    /// <param name="count">How many there should be.</param>
    /// <param name="requireKeys">Whether a record without a key is out of order.</param>
    /// <param name="position">Where the first that is not counted begins.</param>
    public static int SkipOrdinary(ReadOnlySpan<byte> records, int count, bool requireKeys, out int position)
    {
        ref byte start = ref MemoryMarshal.GetReference(records);
        nint limit = records.Length - Margin;
        nint next = 0;
        int passed = 0;
        for (; passed < count && next <= limit; passed++)
        {
            nint at = next;
            uint length = Read(ref start, ref at);
            nint end = at + (nint)(length >> 1);
            if ((length & 1) != 0 || end > limit)
                break;
            at++; // attributes, unused
            if (!SkipVarLong(ref start, ref at) || Read(ref start, ref at) != (uint)passed * 2)
                break;
            if (!SkipBytes(ref start, ref at, end, requireKeys) || !SkipBytes(ref start, ref at, end, isRequired: false))
                break;
            if (Unsafe.Add(ref start, at) != 0 || at + 1 != end) // the count of headers
                break;
            next = end;
        }
        position = (int)next;
        return passed;
    }

    /// <summary>An unsigned value of up to three bytes; of more, <see cref="TooLong"/>, which is odd and passes no check.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read(ref byte start, ref nint at)
    {
        uint value = Unsafe.Add(ref start, at++);
        if (value < 0x80)
            return value;
        uint second = Unsafe.Add(ref start, at++);
        value = (value & 0x7F) | ((second & 0x7F) << 7);
        if (second < 0x80)
            return value;
        uint third = Unsafe.Add(ref start, at++);
        return third < 0x80 ? value | (third << 14) : TooLong;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool SkipVarLong(ref byte start, ref nint at)
    {
        nint last = at + VarInt.MaxSize64 - 2; // the tenth byte holds one bit only: for the reader
        while (Unsafe.Add(ref start, at++) >= 0x80)
        {
            if (at > last)
                return false;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool SkipBytes(ref byte start, ref nint at, nint end, bool isRequired)
    {
        uint length = Read(ref start, ref at);
        if ((length & 1) != 0)
            return length == Null && !isRequired && at <= end;
        at += (nint)(length >> 1);
        return at <= end;
    }
}
