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
    /// <summary>The most bytes that <see cref="Format"/> writes.</summary>
    public const int MaxLength = 48;

    /// <summary>Writes an unscaled value; returns the bytes written.</summary>
    public static int Format(Int128 unscaled, int scale, Span<byte> target)
    {
        Span<byte> digits = stackalloc byte[MaxLength];
        var start = MaxLength;
        var rest = (UInt128)Int128.Abs(unscaled);
        while (rest > ulong.MaxValue)
        {
            // 18 digits at a time: dividing 128 bits is slow.
            (rest, var low) = UInt128.DivRem(rest, 1_000_000_000_000_000_000);
            var part = (ulong)low;
            for (var i = 0; i < 18; i++, part /= 10)
                digits[--start] = (byte)('0' + (part % 10));
        }

        for (var part = (ulong)rest; part > 0; part /= 10)
            digits[--start] = (byte)('0' + (part % 10));
        while (MaxLength - start <= scale)
            digits[--start] = (byte)'0';

        var at = 0;
        if (unscaled < 0)
            target[at++] = (byte)'-';
        var whole = digits[start..(MaxLength - scale)];
        whole.CopyTo(target[at..]);
        at += whole.Length;
        if (scale > 0)
        {
            target[at++] = (byte)'.';
            digits[(MaxLength - scale)..].CopyTo(target[at..]);
            at += scale;
        }

        return at;
    }

    /// <summary>
    /// Reads a number in plain or exponent form into a value of <paramref name="scale"/> digits after the point, rounding half away from zero.
    /// </summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, int precision, int scale, out Int128 unscaled)
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
            if (position == wanted)
                roundUp = b >= '5';
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

    /// <summary>Splits a number's text: sign, digits with at most one point, digits before the point, exponent.</summary>
    private static bool TryScan(ReadOnlySpan<byte> text, out bool negative, out ReadOnlySpan<byte> digits, out int pointAt, out int exponent)
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
}
