using System.Globalization;
using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>DOUBLE as text: the shortest digits that read back as the same value, laid out as Java or PostgreSQL lays them out.</summary>
public static class DoubleText
{
    /// <summary>Room that any value's text fits in.</summary>
    public const int MaxLength = 32;

    private static readonly long[] s_powersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    /// <summary>
    /// As Java's <c>Double.toString</c>: <c>100.0</c>, <c>0.1</c>, <c>1.0E10</c>, <c>NaN</c>,
    /// <c>-Infinity</c>; exponent notation below 10^-3 and from 10^7.
    /// </summary>
    public static int WriteJava(Span<byte> destination, double value)
    {
        if (Math.Abs(value) is >= 1e-3 and < 1e7 && TryWriteShort(destination, value, fraction: true, out var length))
            return length;
        if (!double.IsFinite(value))
            return WriteNotFinite(destination, value);
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = ShortestDigits(value, digits, out var exponent);
        if (count == 1 && Math.Abs(value) < 1e-300)
            count = TwoDigits(value, digits, out exponent);
        var at = WriteSign(destination, value);
        if (exponent is >= -3 and < 7)
            return WritePlain(destination, at, digits[..count], exponent, fraction: true);
        destination[at++] = digits[0];
        destination[at++] = (byte)'.';
        if (count == 1)
            destination[at++] = (byte)'0';
        digits[1..count].CopyTo(destination[at..]);
        at += count - 1;
        destination[at++] = (byte)'E';
        return at + IntegerText.Write(ref destination[at], exponent);
    }

    /// <summary>As PostgreSQL's float8: <c>100</c>, <c>0.1</c>, <c>1e+15</c>; exponent notation below 10^-4 and from 10^15.</summary>
    public static int WritePostgres(Span<byte> destination, double value)
    {
        if (Math.Abs(value) is >= 1e-3 and < 1e7 && TryWriteShort(destination, value, fraction: false, out var length))
            return length;
        if (!double.IsFinite(value))
            return WriteNotFinite(destination, value);
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = ShortestDigits(value, digits, out var exponent);
        return WritePostgres(destination, value, digits[..count], exponent, 15);
    }

    /// <summary>
    /// As PostgreSQL's float4: the shortest digits that give the same single; exponent notation below 10^-4 and from 10^6.
    /// </summary>
    public static int WritePostgresSingle(Span<byte> destination, float value)
    {
        const int Most = 6;
        if (!float.IsFinite(value))
            return WriteNotFinite(destination, value);
        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);

        // The double that the single's shortest text means has that text too.
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = ShortestDigits(double.Parse(text[..length], CultureInfo.InvariantCulture), digits, out var exponent);
        return WritePostgres(destination, value, digits[..count], exponent, Most);
    }

    private static int WritePostgres(Span<byte> destination, double value, ReadOnlySpan<byte> digits, int exponent, int most)
    {
        var count = digits.Length;
        var at = WriteSign(destination, value);
        if (exponent >= -4 && exponent < most)
            return WritePlain(destination, at, digits, exponent, fraction: false);
        destination[at++] = digits[0];
        if (count > 1)
        {
            destination[at++] = (byte)'.';
            digits[1..].CopyTo(destination[at..]);
            at += count - 1;
        }

        destination[at++] = (byte)'e';
        destination[at++] = exponent < 0 ? (byte)'-' : (byte)'+';
        var magnitude = Math.Abs(exponent);
        if (magnitude < 10)
            destination[at++] = (byte)'0';
        return at + IntegerText.Write(ref destination[at], magnitude);
    }

    /// <summary>
    /// Reads a double, with spaces around it, an exponent, or <c>NaN</c> and <c>Infinity</c> in any
    /// case. A value out of range is given as an infinity.
    /// </summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, out double value)
    {
        text = text.Trim(" \t\r\n"u8);
        if (double.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite),
            CultureInfo.InvariantCulture, out value))
        {
            var isSpecial = text.Length > 0 && !double.IsFinite(value);
            return isSpecial && text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0 ? ParseResult.OutOfRange : ParseResult.Ok;
        }

        value = 0;
        var sign = text.Length > 0 && text[0] == '-' ? -1 : 1;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
            text = text[1..];
        if (!Ascii.EqualsIgnoreCase(text, "inf"u8) && !Ascii.EqualsIgnoreCase(text, "infinity"u8))
            return ParseResult.Malformed;
        value = sign * double.PositiveInfinity;
        return ParseResult.Ok;
    }

    /// <summary>
    /// Writes a value below 10^7 that has at most six decimals, without a search for its digits. A whole number below 2^53 divided by an
    /// exact power of ten is rounded once: where that gives the value back, those are digits that read
    /// as the value; and since they are at most 15, there are no fewer.
    /// </summary>
    private static bool TryWriteShort(Span<byte> destination, double value, bool fraction, out int length)
    {
        var magnitude = Math.Abs(value);
        var scale = 1.0;
        for (var decimals = 0; decimals <= 6; decimals++, scale *= 10)
        {
            var scaled = magnitude * scale;
            var digits = (long)scaled;
            if (digits != scaled || digits / scale != magnitude)
                continue;
            // 76.54 * 100 is not whole, 76.54 * 1000 is: a digit may be one too many.
            for (; decimals > 0 && digits % 10 == 0; decimals--)
                digits /= 10;
            length = WriteShort(destination, WriteSign(destination, value), digits, decimals, fraction);
            return true;
        }

        length = 0;
        return false;
    }

    private static int WriteShort(Span<byte> destination, int at, long digits, int decimals, bool fraction)
    {
        var scale = s_powersOfTen[decimals];
        var whole = digits / scale;
        at += IntegerText.Write(destination[at..], whole);
        return decimals == 0 && !fraction ? at : WriteFraction(destination, at, digits - (whole * scale), decimals);
    }

    private static int WriteFraction(Span<byte> destination, int at, long digits, int decimals)
    {
        destination[at++] = (byte)'.';
        var last = at + Math.Max(decimals, 1) - 1;
        for (var i = last; i >= at; i--)
        {
            destination[i] = (byte)('0' + (digits % 10));
            digits /= 10;
        }

        return last + 1;
    }

    /// <summary>The shortest digits, without trailing zeros, and the exponent of the first one.</summary>
    private static int ShortestDigits(double value, Span<byte> digits, out int exponent)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        Math.Abs(value).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return TakeDigits(text[..length], digits, out exponent);
    }

    /// <summary>
    /// Java gives at least two digits, the nearest ones, also where one would read back (only subnormal values are that coarse).
    /// </summary>
    private static int TwoDigits(double value, Span<byte> digits, out int exponent)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        Math.Abs(value).TryFormat(text, out var length, "E1", CultureInfo.InvariantCulture);
        return TakeDigits(text[..length], digits, out exponent);
    }

    private static int TakeDigits(ReadOnlySpan<byte> text, Span<byte> digits, out int exponent)
    {
        var mark = text.IndexOf((byte)'E');
        var mantissa = mark < 0 ? text : text[..mark];
        exponent = -1;
        if (mark >= 0)
        {
            IntegerText.TryParse(text[(mark + 1)..], out var written);
            exponent += (int)written;
        }

        var count = 0;
        var point = false;
        foreach (var c in mantissa)
        {
            if (c == (byte)'.')
            {
                point = true;
                continue;
            }

            if (count == 0 && c == (byte)'0')
            {
                exponent -= point ? 1 : 0;
                continue;
            }

            exponent += point ? 0 : 1;
            digits[count++] = c;
        }

        while (count > 0 && digits[count - 1] == (byte)'0')
            count--;
        if (count > 0)
            return count;
        digits[0] = (byte)'0';
        exponent = 0;
        return 1;
    }

    private static int WritePlain(Span<byte> destination, int at, ReadOnlySpan<byte> digits, int exponent, bool fraction)
    {
        if (exponent < 0)
        {
            "0."u8.CopyTo(destination[at..]);
            at += 2;
            destination.Slice(at, -exponent - 1).Fill((byte)'0');
            at += -exponent - 1;
            digits.CopyTo(destination[at..]);
            return at + digits.Length;
        }

        var whole = exponent + 1;
        for (var i = 0; i < whole; i++)
            destination[at++] = i < digits.Length ? digits[i] : (byte)'0';
        if (digits.Length <= whole)
        {
            if (!fraction)
                return at;
            ".0"u8.CopyTo(destination[at..]);
            return at + 2;
        }

        destination[at++] = (byte)'.';
        digits[whole..].CopyTo(destination[at..]);
        return at + digits.Length - whole;
    }

    private static int WriteSign(Span<byte> destination, double value)
    {
        if (!double.IsNegative(value))
            return 0;
        destination[0] = (byte)'-';
        return 1;
    }

    private static int WriteNotFinite(Span<byte> destination, double value)
    {
        var word = double.IsNaN(value) ? "NaN"u8 : value < 0 ? "-Infinity"u8 : "Infinity"u8;
        word.CopyTo(destination);
        return word.Length;
    }
}
