using System.Diagnostics;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>What reading a value from text came to.</summary>
public enum ParseResult : byte
{
    /// <summary>The value was read.</summary>
    Ok,

    /// <summary>The text is not of the type's form.</summary>
    Malformed,

    /// <summary>The form is right, the value is outside the type's range.</summary>
    OutOfRange,
}

/// <summary>Decimals as text: sign, digits, point, digits, always with the full scale, never with an exponent.</summary>
public static class DecimalText
{
    /// <summary>Room that any value's text fits in: sign, a zero before the point, the point, 38 digits.</summary>
    public const int MaxLength = 41;

    private const ulong TenTo18 = 1_000_000_000_000_000_000;

    /// <summary>Writes an unscaled value with its point in place and all digits of the scale. Returns the bytes written.</summary>
    public static int Write(Span<byte> destination, Int128 unscaled, int scale)
    {
        Debug.Assert(destination.Length >= MaxLength, "room for any DECIMAL");
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
            IntegerText.WriteDigits(ref digits[0], first + 18, (ulong)low);
        }

        var high = (ulong)magnitude;
        var count = IntegerText.CountDigits(high);
        IntegerText.WriteDigits(ref digits[0], first, high);
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

    /// <summary>
    /// Reads a number in plain or exponent form into a value of <paramref name="scale"/> digits after
    /// the point, rounding half away from zero.
    /// </summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, int precision, int scale, out Int128 unscaled) =>
        TryParse(text, precision, scale, ExcessDigits.Round, out unscaled);

    /// <summary>
    /// As <see cref="TryParse(ReadOnlySpan{byte}, int, int, out Int128)"/>, but a number that would have to be rounded is out of range.
    /// </summary>
    public static ParseResult TryParseExact(ReadOnlySpan<byte> text, int precision, int scale, out Int128 unscaled) =>
        TryParse(text, precision, scale, ExcessDigits.Refuse, out unscaled);

    /// <summary>Reads a number in plain or exponent form as the whole number before its point (ksqlDB cuts fractions off).</summary>
    public static ParseResult TryParseTruncated(ReadOnlySpan<byte> text, out long value)
    {
        var result = TryParse(text, SqlType.MaxPrecision, 0, ExcessDigits.Cut, out var whole);
        value = (long)whole;
        return result == ParseResult.Ok && value != whole ? ParseResult.OutOfRange : result;
    }

    /// <summary>The precision and scale that hold a number's text exactly; false when it is malformed or has more than 38 digits.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> text, out int precision, out int scale)
    {
        precision = scale = 0;
        if (!TryScan(text, out _, out var digits, out var pointAt, out var exponent))
            return false;
        var all = digits.Length - (digits.Contains((byte)'.') ? 1 : 0);
        var fraction = (long)all - pointAt - exponent;
        var leading = 0;
        foreach (var b in digits)
        {
            if (b == '.')
                continue;
            if (b != '0')
                break;
            leading++;
        }

        var total = Math.Max((long)all - leading + Math.Max(0, -fraction), Math.Max(1, fraction));
        if (total > SqlType.MaxPrecision)
            return false;
        precision = (int)total;
        scale = (int)Math.Max(0, fraction);
        return true;
    }

    private static ParseResult TryParse(ReadOnlySpan<byte> text, int precision, int scale, ExcessDigits excess, out Int128 unscaled)
    {
        unscaled = 0;
        if (!TryScan(text, out var negative, out var digits, out var pointAt, out var exponent))
            return ParseResult.Malformed;

        // Digits that end up left of the rounding place; one more decides the rounding.
        var significant = 0;
        Int128 value = 0;
        var wanted = (long)pointAt + exponent + scale;
        var roundUp = false;
        var position = 0L;
        foreach (var b in digits)
        {
            if (b == '.')
                continue;
            if (position >= wanted && excess == ExcessDigits.Refuse && b != '0')
                return ParseResult.OutOfRange;
            if (position == wanted)
                roundUp = b >= '5' && excess == ExcessDigits.Round;
            if (position++ >= wanted)
                continue;
            if (significant > 0 || b != '0')
                significant++;
            if (significant > SqlType.MaxPrecision)
                return ParseResult.OutOfRange;
            value = (value * 10) + (b - '0');
        }

        for (; position < wanted && value != 0; position++)
        {
            if (++significant > SqlType.MaxPrecision)
                return ParseResult.OutOfRange;
            value *= 10;
        }

        if (roundUp)
            value++;
        unscaled = negative ? -value : value;
        return DecimalMath.Fits(value, precision) ? ParseResult.Ok : ParseResult.OutOfRange;
    }

    /// <summary>Splits a number's text: sign, digits with at most one point, digits before the point, exponent.</summary>
    private static bool TryScan(ReadOnlySpan<byte> text, out bool negative, out ReadOnlySpan<byte> digits, out int pointAt,
        out int exponent)
    {
        exponent = 0;
        pointAt = -1;
        negative = text.Length > 0 && text[0] == '-';
        var at = negative || (text.Length > 0 && text[0] == '+') ? 1 : 0;
        var start = at;
        var count = 0;
        for (; at < text.Length; at++)
        {
            if (char.IsAsciiDigit((char)text[at]))
                count++;
            else if (text[at] == '.' && pointAt < 0)
                pointAt = count;
            else
                break;
        }

        digits = text[start..at];
        if (pointAt < 0)
            pointAt = count;
        return count > 0 && (at == text.Length || TryReadExponent(text[at..], out exponent));
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text[0] is not ((byte)'e' or (byte)'E'))
            return false;
        var negative = text.Length > 1 && text[1] == '-';
        var at = negative || (text.Length > 1 && text[1] == '+') ? 2 : 1;
        if (at == text.Length)
            return false;
        for (; at < text.Length; at++)
        {
            if (!char.IsAsciiDigit((char)text[at]))
                return false;
            exponent = Math.Min((exponent * 10) + (text[at] - '0'), 100_000);
        }

        if (negative)
            exponent = -exponent;
        return true;
    }

    /// <summary>What becomes of digits beyond the scale.</summary>
    private enum ExcessDigits : byte
    {
        Round,
        Cut,
        Refuse,
    }
}
