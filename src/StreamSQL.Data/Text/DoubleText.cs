using System.Globalization;

namespace StreamSQL.Data.Text;

/// <summary>Doubles as text: the shortest digits that read back as the same value, laid out as Java or as PostgreSQL does.</summary>
public static class DoubleText
{
    /// <summary>The most bytes that a double takes as text.</summary>
    public const int MaxLength = 32;

    /// <summary>Writes as <c>Double.toString</c> of Java 19: plain from 10^-3 to 10^7, else like <c>1.0E10</c>; always a fraction.</summary>
    public static int FormatJava(double value, Span<byte> target)
    {
        if (!double.IsFinite(value))
            return FormatSpecial(value, target);
        Span<byte> digits = stackalloc byte[20];
        var count = ShortestDigits(value, digits, out var exponent);
        var writer = new Writer(target);
        if (double.IsNegative(value))
            writer.Add((byte)'-');
        if (value == 0 || exponent is >= -3 and < 7)
        {
            writer.AddPlain(digits[..count], exponent);
            if (exponent >= count - 1)
                writer.AddText(".0"u8);
            return writer.Length;
        }

        writer.Add(digits[0]);
        writer.Add((byte)'.');
        writer.AddText(count > 1 ? digits[1..count] : "0"u8);
        writer.Add((byte)'E');
        writer.AddNumber(exponent, minDigits: 1);
        return writer.Length;
    }

    /// <summary>Writes as PostgreSQL's float8out: plain for exponents -4 to 14, else like <c>1e+15</c>.</summary>
    public static int FormatPostgres(double value, Span<byte> target)
    {
        if (!double.IsFinite(value))
            return FormatSpecial(value, target);
        Span<byte> digits = stackalloc byte[20];
        var count = ShortestDigits(value, digits, out var exponent);
        var writer = new Writer(target);
        if (double.IsNegative(value))
            writer.Add((byte)'-');
        if (value == 0 || exponent is >= -4 and < 15)
        {
            writer.AddPlain(digits[..count], exponent);
            return writer.Length;
        }

        writer.Add(digits[0]);
        if (count > 1)
        {
            writer.Add((byte)'.');
            writer.AddText(digits[1..count]);
        }

        writer.Add((byte)'e');
        if (exponent > 0)
            writer.Add((byte)'+');
        writer.AddNumber(exponent, minDigits: 2);
        return writer.Length;
    }

    /// <summary>Reads a double, with spaces around it, an exponent, or <c>NaN</c> and <c>Infinity</c> in any case.</summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> text, out double value)
    {
        text = text.Trim(" \t\r\n"u8);
        if (double.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out value))
        {
            var isSpecial = text.Length > 0 && !double.IsFinite(value);
            return isSpecial && text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0 ? ParseResult.OutOfRange : ParseResult.Ok;
        }

        value = 0;
        var sign = text.Length > 0 && text[0] == '-' ? -1 : 1;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
            text = text[1..];
        if (!System.Text.Ascii.EqualsIgnoreCase(text, "inf"u8) && !System.Text.Ascii.EqualsIgnoreCase(text, "infinity"u8))
            return ParseResult.Malformed;
        value = sign * double.PositiveInfinity;
        return ParseResult.Ok;
    }

    private static int FormatSpecial(double value, Span<byte> target)
    {
        var text = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8;
        text.CopyTo(target);
        return text.Length;
    }

    /// <summary>The shortest digits d1 d2 ..., and the exponent of d1.d2...</summary>
    private static int ShortestDigits(double value, Span<byte> digits, out int exponent)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        var count = 0;
        exponent = 0;
        Math.Abs(value).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        var point = -1;
        var leading = 0;
        for (var i = 0; i < length; i++)
        {
            var b = text[i];
            if (b == '.')
            {
                point = count + leading;
            }
            else if (b == 'E')
            {
                exponent = int.Parse(text[(i + 1)..length], CultureInfo.InvariantCulture);
                break;
            }
            else if (count > 0 || b != '0')
            {
                digits[count++] = b;
            }
            else
            {
                leading++;
            }
        }

        exponent += (point < 0 ? count + leading : point) - leading - 1;
        while (count > 1 && digits[count - 1] == '0')
            count--;
        if (count > 0)
            return count;
        digits[0] = (byte)'0';
        exponent = 0;
        return 1;
    }

    private ref struct Writer(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public void Add(byte b) => _target[Length++] = b;

        public void AddText(scoped ReadOnlySpan<byte> text)
        {
            text.CopyTo(_target[Length..]);
            Length += text.Length;
        }

        /// <summary>Digits with the point where the exponent puts it, filled with zeros.</summary>
        public void AddPlain(scoped ReadOnlySpan<byte> digits, int exponent)
        {
            if (exponent < 0)
            {
                AddText("0."u8);
                for (var i = -1; i > exponent; i--)
                    Add((byte)'0');
                AddText(digits);
                return;
            }

            for (var i = 0; i <= exponent || i < digits.Length; i++)
            {
                if (i == exponent + 1)
                    Add((byte)'.');
                Add(i < digits.Length ? digits[i] : (byte)'0');
            }
        }

        public void AddNumber(int number, int minDigits)
        {
            if (number < 0)
                Add((byte)'-');
            number = Math.Abs(number);
            if (number >= 100)
                Add((byte)('0' + (number / 100)));
            if (number >= 10 || minDigits > 1)
                Add((byte)('0' + (number / 10 % 10)));
            Add((byte)('0' + (number % 10)));
        }
    }
}
