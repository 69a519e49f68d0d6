using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Text;

/// <summary>numeric as text: digits with a point where the scale says, never with an exponent; NaN, Infinity and -Infinity.</summary>
public static class NumericText
{
    /// <summary>
    /// Characters of a text that is read: the digits of the largest number, and room for zeros in front, a sign and an exponent.
    /// </summary>
    private const int MaxTextLength = 1 << 20;

    /// <summary>Appends a value's text.</summary>
    public static void Write(in NumericValue value, IBufferWriter<byte> writer)
    {
        if (!value.IsFinite)
        {
            writer.Write(value.IsNaN ? "NaN"u8 : value.Sign > 0 ? "Infinity"u8 : "-Infinity"u8);
            return;
        }

        if (value.IsSmall && value.Scale < SqlType.MaxPrecision)
        {
            writer.Advance(DecimalText.Write(writer.GetSpan(DecimalText.MaxLength), value.Small, value.Scale));
            return;
        }

        var count = NumericMath.CountDigits(value);
        var zeros = Math.Max(0, value.Scale + 1 - count);
        var length = (value.Sign < 0 ? 1 : 0) + zeros + count + (value.Scale > 0 ? 1 : 0);
        var room = writer.GetSpan(length);
        var at = 0;
        if (value.Sign < 0)
            room[at++] = (byte)'-';
        room.Slice(at, zeros).Fill((byte)'0');
        WriteDigits(value, room.Slice(at + zeros, count));
        if (value.Scale > 0)
        {
            var point = length - 1 - value.Scale;
            room[point..(length - 1)].CopyTo(room[(point + 1)..]);
            room[point] = (byte)'.';
        }

        writer.Advance(length);
    }

    /// <summary>A value's text.</summary>
    public static string ToText(in NumericValue value)
    {
        var writer = new ArrayBufferWriter<byte>();
        Write(value, writer);
        return Encoding.ASCII.GetString(writer.WrittenSpan);
    }

    /// <summary>Writes the digits of an unscaled value without its sign; the room is as long as there are digits.</summary>
    public static void WriteDigits(in NumericValue value, Span<byte> digits)
    {
        if (!value.IsSmall)
        {
            Encoding.ASCII.GetBytes(BigInteger.Abs(value.Unscaled).ToString(CultureInfo.InvariantCulture), digits);
            return;
        }

        Span<byte> text = stackalloc byte[DecimalText.MaxLength];
        var length = DecimalText.Write(text, Int128.Abs(value.Small), 0);
        text[..length].CopyTo(digits);
    }

    /// <summary>
    /// Reads a number in plain or exponent form, or the name of what is none; white space may stand around it. The scale is that of the
    /// text.
    /// </summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, out NumericValue value)
    {
        value = default;
        text = text.Trim(" \t\r\n\v\f"u8);
        if (text.Length > MaxTextLength)
            return ParseResult.OutOfRange;
        var sign = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[0] : (byte)0;
        var rest = sign == 0 ? text : text[1..];
        if (TryParseName(rest, sign, out value))
            return ParseResult.Ok;
        var mark = rest.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = mark < 0 ? rest : rest[..mark];
        var exponent = 0L;
        if (mark >= 0 && !TryParseExponent(rest[(mark + 1)..], out exponent))
            return ParseResult.Malformed;
        var point = mantissa.IndexOf((byte)'.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? default : mantissa[(point + 1)..];
        if (whole.Length + fraction.Length == 0 || ContainsOther(whole) || ContainsOther(fraction))
            return ParseResult.Malformed;
        return TryMake(whole, fraction, exponent, sign == '-', out value);
    }

    private static ParseResult TryMake(
        ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, long exponent, bool isNegative, out NumericValue value)
    {
        value = default;
        var significant = whole.TrimStart((byte)'0').Length;
        var scale = fraction.Length - exponent;
        var isZero = significant == 0 && fraction.TrimStart((byte)'0').Length == 0;
        if ((!isZero && significant + exponent > NumericValue.MaxWholeDigits) || scale > NumericValue.MaxScale)
            return ParseResult.OutOfRange;
        if (isZero)
        {
            value = new(Int128.Zero, (int)Math.Max(0, scale));
            return ParseResult.Ok;
        }

        // Digits behind a whole number's exponent are zeros.
        var zeros = (int)Math.Max(0, -scale);
        if (significant + fraction.Length + zeros <= SqlType.MaxPrecision)
        {
            Int128 small = 0;
            foreach (var digit in whole)
                small = (small * 10) + (digit - '0');
            foreach (var digit in fraction)
                small = (small * 10) + (digit - '0');
            small *= DecimalMath.PowerOfTen(zeros);
            value = new(isNegative ? -small : small, (int)Math.Max(0, scale));
            return ParseResult.Ok;
        }

        var digits = string.Concat(Encoding.ASCII.GetString(whole), Encoding.ASCII.GetString(fraction));
        var large = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * NumericMath.PowerOfTen(zeros);
        value = new(isNegative ? -large : large, (int)Math.Max(0, scale));
        return ParseResult.Ok;
    }

    private static bool TryParseName(ReadOnlySpan<byte> text, byte sign, out NumericValue value)
    {
        value = sign == '-' ? NumericValue.NegativeInfinity : NumericValue.PositiveInfinity;
        if (Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "infinity"u8))
            return true;
        value = NumericValue.NaN;
        return sign == 0 && Ascii.EqualsIgnoreCase(text, "nan"u8);
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        var isNegative = text.Length > 0 && text[0] == '-';
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
            text = text[1..];
        if (text.IsEmpty || ContainsOther(text))
            return false;
        foreach (var digit in text)
            exponent = Math.Min((exponent * 10) + (digit - '0'), int.MaxValue);
        exponent = isNegative ? -exponent : exponent;
        return true;
    }

    private static bool ContainsOther(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0;
}
