using System.Globalization;
using System.Text;

namespace StreamSQL.Data.Functions.Json;

/// <summary>A number of JSON, exact at any length: 0.DIGITS times a power of ten.</summary>
/// <param name="IsNegative">Whether it is below zero.</param>
/// <param name="Digits">Its digits, without zeros in front or behind; none for zero.</param>
/// <param name="Exponent">The power of ten.</param>
/// <param name="Scale">How many digits it was written with behind the point, an exponent counted in.</param>
internal readonly record struct JsonDecimal(bool IsNegative, string Digits, int Exponent, int Scale)
{
    /// <summary>The most digits that numeric has in front of the point, and the most behind it.</summary>
    private const int MaxDigits = 131_072;

    /// <summary>Whether it is zero.</summary>
    public bool IsZero => Digits.Length == 0;

    /// <summary>Reads a number that is valid JSON.</summary>
    public static JsonDecimal Parse(string text)
    {
        var isNegative = text[0] == '-';
        var mark = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = text.AsSpan(isNegative ? 1 : 0, (mark < 0 ? text.Length : mark) - (isNegative ? 1 : 0));
        if (mark < 0 || !int.TryParse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power))
            power = mark < 0 ? 0 : text[mark + 1] == '-' ? -MaxDigits : MaxDigits;
        power = Math.Clamp(power, -MaxDigits, MaxDigits);
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        var digits = string.Concat(whole, fraction);
        var first = 0;
        while (first < digits.Length && digits[first] == '0')
            first++;
        var scale = Math.Max(0, fraction.Length - power);
        return first == digits.Length
            ? new(false, "", 0, scale)
            : new(isNegative, digits[first..].TrimEnd('0'), whole.Length - first + power, scale);
    }

    /// <summary>The number as numeric writes it: without an exponent, with its zeros behind the point.</summary>
    public override string ToString()
    {
        var whole = Exponent > 0 ? Digits.PadRight(Exponent, '0')[..Exponent] : "0";
        var text = new StringBuilder(IsNegative ? "-" : "").Append(IsZero ? "0" : whole);
        if (Scale == 0)
            return text.ToString();
        var fraction = Exponent >= Digits.Length ? "" : Exponent > 0 ? Digits[Exponent..] : new string('0', -Exponent) + Digits;
        return text.Append('.').Append(fraction.PadRight(Scale, '0')).ToString();
    }
}
