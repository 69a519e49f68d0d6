using System.Globalization;
using System.Runtime.CompilerServices;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Numbers whose grammar is already checked.</summary>
internal static class JsonNumber
{
    private static ReadOnlySpan<double> ExactPowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads an integer; a fraction is cut off as ksqlDB does.</summary>
    public static ParseResult ParseInt64(ReadOnlySpan<byte> number, bool whole, out long value)
    {
        if (!whole)
            return DecimalText.TryParseTruncated(number, out value);
        if (number.Length > 18)
            return IntegerText.TryParse(number, out value);
        var negative = number[0] == (byte)'-';
        value = 0;
        for (var i = negative ? 1 : 0; i < number.Length; i++)
            value = (value * 10) + number[i] - '0';
        if (negative)
            value = -value;
        return ParseResult.Ok;
    }

    /// <summary>
    /// Reads a double, correctly rounded. Up to 2^53 and powers of ten up to 10^22 both are exact doubles, so that one operation
    /// rounds once (Clinger, 1990); other numbers take the framework's way.
    /// </summary>
    public static ParseResult ParseDouble(ReadOnlySpan<byte> number, out double value)
    {
        var at = number[0] == (byte)'-' ? 1 : 0;
        ulong mantissa = 0;
        var exponent = 0;
        var point = false;
        for (; at < number.Length && at < 18; at++)
        {
            var digit = (uint)number[at] - '0';
            if (digit > 9)
            {
                if (number[at] != (byte)'.')
                    break;
                point = true;
                continue;
            }

            mantissa = (mantissa * 10) + digit;
            exponent += point ? 1 : 0;
        }

        if (at == number.Length && TryScale(mantissa, exponent, number[0] == (byte)'-', out value))
            return ParseResult.Ok;
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            ? double.IsFinite(value) ? ParseResult.Ok : ParseResult.OutOfRange
            : ParseResult.Malformed;
    }

    /// <summary>The double nearest to mantissa / 10^decimals, where one exact division gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryScale(ulong mantissa, int decimals, bool negative, out double value)
    {
        value = mantissa;
        if (mantissa > 1UL << 53 || decimals > 22)
            return false;
        value /= ExactPowersOfTen[decimals];
        if (negative)
            value = -value;
        return true;
    }
}
