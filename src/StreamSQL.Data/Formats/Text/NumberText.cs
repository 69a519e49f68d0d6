using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Data.Formats.Text;

/// <summary>What became of a text that should be a number.</summary>
internal enum NumberParse : byte
{
    /// <summary>The value is there.</summary>
    Ok,

    /// <summary>The text is not a number.</summary>
    Malformed,

    /// <summary>It is a number that the type cannot hold.</summary>
    OutOfRange,
}

/// <summary>Integers and decimals as ASCII text.</summary>
internal static class NumberText
{
    /// <summary>The longest BIGINT: sign and 19 digits.</summary>
    public const int MaxInt64Length = 20;

    /// <summary>The longest DECIMAL: sign, a zero before the point, the point, 38 digits.</summary>
    public const int MaxDecimalLength = 41;

    private const ulong TenTo8 = 100_000_000;
    private const ulong TenTo18 = 1_000_000_000_000_000_000;
    private const ulong AsciiZeros = 0x3030_3030_3030_3030;
    private static readonly Int128[] PowersOfTen = MakePowersOfTen();

    private static ReadOnlySpan<byte> DigitPairs =>
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"u8
        + "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    /// <summary>10 to the power of 0..38.</summary>
    public static Int128 PowerOfTen(int exponent) => PowersOfTen[exponent];

    /// <summary>Writes an integer; the destination has room for <see cref="MaxInt64Length"/> bytes. Returns the bytes written.</summary>
    public static int WriteInt64(Span<byte> destination, long value)
    {
        Debug.Assert(destination.Length >= MaxInt64Length, "room for any BIGINT");
        return WriteInt64(ref MemoryMarshal.GetReference(destination), value);
    }

    /// <summary>
    /// Like the other, where the caller has checked the room. Up to 7 bytes behind the text may be overwritten, within the <see cref="MaxInt64Length"/>.
    /// </summary>
    public static int WriteInt64(ref byte destination, long value)
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

    /// <summary>Writes an unscaled value with its point in place and all digits of the scale. Returns the bytes written.</summary>
    public static int WriteDecimal(Span<byte> destination, Int128 unscaled, int scale)
    {
        Debug.Assert(destination.Length >= MaxDecimalLength, "room for any DECIMAL");
        var magnitude = UInt128.CreateTruncating(unscaled);
        var at = 0;
        if (Int128.IsNegative(unscaled))
        {
            destination[at++] = (byte)'-';
            magnitude = 0 - magnitude;
        }

        Span<byte> digits = stackalloc byte[39];
        var first = digits.Length;
        while (magnitude > TenTo18)
        {
            (magnitude, var low) = UInt128.DivRem(magnitude, TenTo18);
            first -= 18;
            digits.Slice(first, 18).Fill((byte)'0');
            WriteDigits(ref digits[0], first + 18, (ulong)low);
        }

        var high = (ulong)magnitude;
        var count = CountDigits(high);
        WriteDigits(ref digits[0], first, high);
        first -= count;
        while (digits.Length - first <= scale)
            digits[--first] = (byte)'0';
        var whole = digits.Length - first - scale;
        digits.Slice(first, whole).CopyTo(destination[at..]);
        at += whole;
        if (scale == 0)
            return at;
        destination[at++] = (byte)'.';
        digits[(first + whole)..].CopyTo(destination[at..]);
        return at + scale;
    }

    /// <summary>Reads an integer: an optional sign and digits, nothing else.</summary>
    public static NumberParse ParseInt64(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var negative = text.Length > 0 && text[0] == (byte)'-';
        var at = negative || (text.Length > 0 && text[0] == (byte)'+') ? 1 : 0;
        if (at == text.Length)
            return NumberParse.Malformed;
        UInt128 magnitude = 0;
        for (; at < text.Length; at++)
        {
            var digit = (uint)text[at] - '0';
            if (digit > 9)
                return NumberParse.Malformed;
            if (magnitude <= ulong.MaxValue)
                magnitude = (magnitude * 10) + digit;
        }

        if (magnitude > (negative ? 1UL << 63 : long.MaxValue))
            return NumberParse.OutOfRange;
        value = negative ? (long)(0 - (ulong)magnitude) : (long)(ulong)magnitude;
        return NumberParse.Ok;
    }

    /// <summary>
    /// Reads a number in decimal or exponent notation as the whole number before its point (ksqlDB cuts fractions off).
    /// </summary>
    public static NumberParse ParseTruncated(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var parsed = DecimalDigits.Read(text, out var digits);
        if (parsed != NumberParse.Ok)
            return parsed;
        var scaled = digits.ToUnscaled(0, truncate: true, out var unscaled);
        if (scaled != NumberParse.Ok || unscaled < long.MinValue || unscaled > long.MaxValue)
            return NumberParse.OutOfRange;
        value = (long)unscaled;
        return NumberParse.Ok;
    }

    /// <summary>Reads a number as the unscaled value of DECIMAL(precision, scale); it must fit without rounding.</summary>
    public static NumberParse ParseDecimal(ReadOnlySpan<byte> text, int precision, int scale, out Int128 unscaled)
    {
        unscaled = 0;
        var parsed = DecimalDigits.Read(text, out var digits);
        if (parsed != NumberParse.Ok)
            return parsed;
        parsed = digits.ToUnscaled(scale, truncate: false, out unscaled);
        return parsed == NumberParse.Ok && Int128.Abs(unscaled) >= PowersOfTen[precision] ? NumberParse.OutOfRange : parsed;
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

    /// <summary>The eight digits of a number below 10^8, one a byte, the first in the lowest byte: halves, then pairs, then digits are split off in parallel.</summary>
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
    private static void WriteDigits(ref byte destination, int end, ulong value)
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
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, end - 2), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref pairs, (nint)value * 2)));
        else
            Unsafe.Add(ref destination, end - 1) = (byte)('0' + value);
    }

    private static Int128[] MakePowersOfTen()
    {
        var powers = new Int128[39];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
