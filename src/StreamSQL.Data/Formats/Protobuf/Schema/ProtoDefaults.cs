using System.Globalization;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>Declared defaults of proto2 fields, and numbers as <c>.proto</c> files write them.</summary>
internal static class ProtoDefaults
{
    /// <summary>The default of an integer or enum field; null text is the type's own.</summary>
    public static long Integer(string? text, ProtoEnum? type)
    {
        if (type is not null)
            return (text is null ? type.Values.FirstOrDefault() : type.Values.Find(value => value.Name == text))?.Number ?? 0;
        return text is not null && TryParseInteger(text, out var value) ? (long)value : 0;
    }

    /// <summary>The default of a double or float field; null text is zero.</summary>
    public static double Double(string? text) => text switch
    {
        null => 0,
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "-nan" => double.NaN,
        _ when TryParseInteger(text, out var integer) => (double)integer,
        _ => double.TryParse(text.TrimEnd('f', 'F'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0,
    };

    /// <summary>A decimal, octal (0...) or hexadecimal (0x...) integer with or without a minus.</summary>
    public static bool TryParseInteger(string text, out Int128 value)
    {
        var digits = text.AsSpan();
        var isNegative = digits.StartsWith("-");
        if (isNegative)
            digits = digits[1..];
        var numberBase = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 16 : digits.Length > 1 && digits[0] == '0' ? 8 : 10;
        digits = digits[(numberBase == 16 ? 2 : numberBase == 8 ? 1 : 0)..];
        value = 0;
        if (digits.IsEmpty)
            return false;
        foreach (var digit in digits)
        {
            var number = char.IsAsciiHexDigit(digit) ? System.Convert.ToInt32(digit.ToString(), 16) : numberBase;
            if (number >= numberBase)
                return false;
            value = (value * numberBase) + number;
            if (value > ulong.MaxValue)
                return false;
        }

        value = isNegative ? -value : value;
        return true;
    }
}
