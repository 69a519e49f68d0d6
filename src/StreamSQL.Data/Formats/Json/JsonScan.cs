using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Searches that all JSON reading is made of.</summary>
internal static class JsonScan
{
    /// <summary>
    /// The distance to the first byte that ends or interrupts a string's plain text: a quote, a backslash or a control character; -1 when
    /// there is none. <paramref name="ascii"/> tells whether all bytes before it are ASCII.
    /// </summary>
    public static int FindStringEnd(ReadOnlySpan<byte> text, out bool ascii)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        var at = 0;
        var highBits = 0u;
        while (text.Length - at >= Vector128<byte>.Count)
        {
            // In bounds: 16 bytes are left from `at` on.
            var block = Vector128.LoadUnsafe(ref start, (nuint)at);
            var stops = StopMask(block);
            var high = block.ExtractMostSignificantBits();
            if (stops != 0)
            {
                var distance = BitOperations.TrailingZeroCount(stops);
                ascii = (highBits | (high & (stops ^ (stops - 1)))) == 0;
                return at + distance;
            }

            highBits |= high;
            at += Vector128<byte>.Count;
        }

        for (; at < text.Length; at++)
        {
            var value = text[at];
            if (value is (byte)'"' or (byte)'\\' or < 0x20)
            {
                ascii = highBits == 0;
                return at;
            }

            highBits |= (uint)value & 0x80;
        }

        ascii = highBits == 0;
        return -1;
    }

    /// <summary>One bit for each byte that ends or interrupts a string's plain text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint StopMask(Vector128<byte> block) =>
        (Vector128.Equals(block, Vector128.Create((byte)'"')) | Vector128.Equals(block, Vector128.Create((byte)'\\'))
            | Vector128.LessThan(block, Vector128.Create((byte)0x20))).ExtractMostSignificantBits();

    /// <summary>
    /// The length of the JSON number at the front (RFC 8259, section 6), 0 when there is none; <paramref name="whole"/> tells whether it
    /// has neither fraction nor exponent. What follows it is not looked at.
    /// </summary>
    public static int NumberLength(ReadOnlySpan<byte> text, out bool whole)
    {
        whole = true;
        var at = text.Length > 0 && text[0] == (byte)'-' ? 1 : 0;
        var digits = CountDigits(text[at..]);
        if (digits == 0 || (digits > 1 && text[at] == (byte)'0'))
            return 0;
        at += digits;
        if (at < text.Length && text[at] == (byte)'.')
        {
            whole = false;
            digits = CountDigits(text[(at + 1)..]);
            if (digits == 0)
                return 0;
            at += 1 + digits;
        }

        if (at < text.Length && (text[at] | 0x20) == 'e')
        {
            whole = false;
            at++;
            if (at < text.Length && text[at] is (byte)'-' or (byte)'+')
                at++;
            digits = CountDigits(text[at..]);
            if (digits == 0)
                return 0;
            at += digits;
        }

        return at;
    }

    private static int CountDigits(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < text.Length && (uint)text[count] - '0' <= 9)
            count++;
        return count;
    }
}
