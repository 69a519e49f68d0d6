namespace StreamSQL.Data.Formats.Text;

/// <summary>A number's text taken apart: sign, up to 38 significant digits, and the power of ten that they are multiplied with.</summary>
internal readonly ref struct DecimalDigits
{
    /// <summary>Exponents beyond this are out of any type's range; the digits need not be looked at.</summary>
    private const int MaxExponent = 100_000;

    private readonly bool _negative;
    private readonly Int128 _digits;
    private readonly int _exponent;
    private readonly bool _tooLong;

    private DecimalDigits(bool negative, Int128 digits, int exponent, bool tooLong)
    {
        _negative = negative;
        _digits = digits;
        _exponent = exponent;
        _tooLong = tooLong;
    }

    /// <summary>Reads <c>[+-]digits[.digits][e[+-]digits]</c>, with at least one digit before or after the point.</summary>
    public static NumberParse Read(ReadOnlySpan<byte> text, out DecimalDigits number)
    {
        number = default;
        var at = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var seen = 0;
        var exponent = 0;
        var point = false;
        var significant = 0;
        var zeros = 0;
        Int128 digits = 0;
        for (; at < text.Length; at++)
        {
            var digit = (uint)text[at] - '0';
            if (digit > 9)
            {
                if (point || text[at] != (byte)'.')
                    break;
                point = true;
                continue;
            }

            seen++;
            exponent -= point ? 1 : 0;
            if (digit == 0)
            {
                // Zeros wait: at the end they are part of the exponent.
                zeros += significant > 0 ? 1 : 0;
                continue;
            }

            significant += zeros + 1;
            if (significant <= 38)
                digits = (digits * NumberText.PowerOfTen(zeros + 1)) + (int)digit;
            zeros = 0;
        }

        if (seen == 0 || !ReadExponent(text[at..], out var written))
            return NumberParse.Malformed;
        number = new DecimalDigits(text[0] == (byte)'-', digits, exponent + zeros + written, significant > 38);
        return NumberParse.Ok;
    }

    /// <summary>The number times ten to the power of <paramref name="scale"/>, whole.</summary>
    public NumberParse ToUnscaled(int scale, bool truncate, out Int128 unscaled)
    {
        unscaled = 0;
        if (_digits == 0)
            return NumberParse.Ok;
        var shift = _exponent + scale;
        if (shift < 0 && truncate && !_tooLong)
        {
            unscaled = shift < -38 ? 0 : _digits / NumberText.PowerOfTen(-shift);
        }
        else
        {
            if (_tooLong || shift is < 0 or > 38 || _digits > Int128.MaxValue / NumberText.PowerOfTen(shift))
                return NumberParse.OutOfRange;
            unscaled = _digits * NumberText.PowerOfTen(shift);
        }

        if (_negative)
            unscaled = -unscaled;
        return NumberParse.Ok;
    }

    private static bool ReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
            return true;
        if ((text[0] | 0x20) != 'e')
            return false;
        var negative = text.Length > 1 && text[1] == (byte)'-';
        var at = text.Length > 1 && text[1] is (byte)'-' or (byte)'+' ? 2 : 1;
        if (at >= text.Length)
            return false;
        for (; at < text.Length; at++)
        {
            var digit = (uint)text[at] - '0';
            if (digit > 9)
                return false;
            exponent = Math.Min(MaxExponent, (exponent * 10) + (int)digit);
        }

        if (negative)
            exponent = -exponent;
        return true;
    }
}
