using System.Buffers.Text;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Data.Text;

/// <summary>Integers as ASCII text.</summary>
internal static class IntegerText
{
    /// <summary>The longest BIGINT: sign and 19 digits.</summary>
    public const int MaxLength = 20;

    private const ulong TenTo8 = 100_000_000;
    private const ulong AsciiZeros = 0x3030_3030_3030_3030;

    private static ReadOnlySpan<byte> DigitPairs =>
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"u8
        + "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    /// <summary>Writes an integer; the destination has room for <see cref="MaxLength"/> bytes. Returns the bytes written.</summary>
    public static int Write(Span<byte> destination, long value)
    {
        Debug.Assert(destination.Length >= MaxLength, "room for any BIGINT");
        return Write(ref MemoryMarshal.GetReference(destination), value);
    }

    /// <summary>
    /// Like the other, where the caller has checked the room. Up to 7 bytes behind the text may be
    /// overwritten, within the <see cref="MaxLength"/>.
    /// </summary>
    public static int Write(ref byte destination, long value)
    {
        var magnitude = (ulong)value;
        var sign = 0;
        if (value < 0)
        {
            destination = (byte)'-';
            magnitude = 0 - magnitude;
            sign = 1;
        }

        if (magnitude < TenTo8 && BitConverter.IsLittleEndian)
            return sign + WriteUpToEight(ref Unsafe.Add(ref destination, sign), (uint)magnitude);
        return sign + WriteLong(ref Unsafe.Add(ref destination, sign), magnitude);
    }

    /// <summary>Reads an integer: an optional sign and digits, nothing else.</summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, out long value)
    {
        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
            return ParseResult.Ok;
        var digits = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return digits.Length > 0 && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            ? ParseResult.OutOfRange : ParseResult.Malformed;
    }

    /// <summary>How many decimal digits a number has; 1 for 0.</summary>
    internal static int CountDigits(ulong value)
    {
        // log10 from log2: 1233/4096 is a little more than log10(2); one comparison corrects the guess.
        value |= 1;
        var guess = ((64 - (int)ulong.LeadingZeroCount(value)) * 1233) >> 12;
        return guess + 1 - (value < PowersOfTenUInt64[guess] ? 1 : 0);
    }

    private static ReadOnlySpan<ulong> PowersOfTenUInt64 =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ];

    private static int WriteLong(ref byte destination, ulong value)
    {
        if (!BitConverter.IsLittleEndian || value >= TenTo8 * TenTo8)
        {
            var count = CountDigits(value);
            WriteDigits(ref destination, count, value);
            return count;
        }

        var high = value / TenTo8;
        var length = WriteUpToEight(ref destination, (uint)high);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, length), EightDigits((uint)(value - (high * TenTo8))) | AsciiZeros);
        return length + 8;
    }

    /// <summary>Writes a number below 10^8 with one store of eight bytes.</summary>
    private static int WriteUpToEight(ref byte destination, uint value)
    {
        var digits = EightDigits(value);
        // The leading zeros lie in the lowest bytes; the last digit stays, also of 0.
        var zeros = BitOperations.TrailingZeroCount(digits | (1UL << 56)) >> 3;
        Unsafe.WriteUnaligned(ref destination, (digits | AsciiZeros) >> (8 * zeros));
        return 8 - zeros;
    }

    /// <summary>
    /// The eight digits of a number below 10^8, one a byte, the first in the lowest byte: halves, then
    /// pairs, then digits are split off in parallel.
    /// </summary>
    private static ulong EightDigits(uint value)
    {
        var high = value / 10_000;
        var halves = high | ((ulong)(value - (high * 10_000)) << 32);
        // n * 10486 >> 20 is n / 100 below 10^4, n * 103 >> 10 is n / 10 below 100.
        var hundreds = ((halves * 10_486) >> 20) & 0x0000_007F_0000_007F;
        var pairs = hundreds | ((halves - (hundreds * 100)) << 16);
        var tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
        return tens | ((pairs - (tens * 10)) << 8);
    }

    /// <summary>Writes the digits of a number so that the last one stands before <paramref name="end"/>.</summary>
    internal static void WriteDigits(ref byte destination, int end, ulong value)
    {
        ref var pairs = ref MemoryMarshal.GetReference(DigitPairs);
        while (value >= 100)
        {
            var quotient = value / 100;
            end -= 2;
            var pair = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref pairs, (nint)((value - (quotient * 100)) * 2)));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, end), pair);
            value = quotient;
        }

        if (value >= 10)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, end - 2),
                Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref pairs, (nint)value * 2)));
        else
            Unsafe.Add(ref destination, end - 1) = (byte)('0' + value);
    }
}
