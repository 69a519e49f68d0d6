using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>
/// Values in PostgreSQL's binary form as texts. Only numbers and arrays are taken apart, because their forms are compared by rules;
/// everything else is compared byte by byte.
/// </summary>
internal static class WireValue
{
    /// <summary>A value's text: a number as such, an array as its elements, texts as they are, the rest as hexadecimal digits.</summary>
    public static string Format(string type, ReadOnlySpan<byte> bytes) => type switch
    {
        "numeric" => FormatNumeric(bytes),
        "double precision" => BinaryPrimitives.ReadDoubleBigEndian(bytes).ToString("R", CultureInfo.InvariantCulture),
        "boolean" => bytes is [0] ? "f" : bytes is [1] ? "t" : Convert.ToHexString(bytes),
        "integer" when bytes.Length == 4 => BinaryPrimitives.ReadInt32BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        "bigint" when bytes.Length == 8 => BinaryPrimitives.ReadInt64BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        "text" or "character varying" or "name" => Encoding.UTF8.GetString(bytes),
        _ when type.EndsWith("[]", StringComparison.Ordinal) => FormatArray(type[..^2], bytes),
        _ => Convert.ToHexStringLower(bytes),
    };

    private static string FormatArray(string element, ReadOnlySpan<byte> bytes)
    {
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(bytes);
        var oid = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{oid}"));
        var at = 12;
        var count = dimensions == 0 ? 0 : 1;
        for (var i = 0; i < dimensions; i++, at += 8)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            count *= length;
            text.Append(CultureInfo.InvariantCulture, $"[{BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 4)..])}:{length}]");
        }

        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            at += 4;
            text.Append(i == 0 ? "" : ",").Append(length < 0 ? "NULL" : $"\"{Format(element, bytes.Slice(at, length))}\"");
            at += Math.Max(length, 0);
        }

        return text.ToString();
    }

    private static string FormatNumeric(ReadOnlySpan<byte> bytes)
    {
        int Short(ReadOnlySpan<byte> source, int index) => BinaryPrimitives.ReadInt16BigEndian(source[(2 * index)..]);
        var (count, weight, sign, scale) = (Short(bytes, 0), Short(bytes, 1), (ushort)Short(bytes, 2), Short(bytes, 3));
        if (sign is not (0 or 0x4000))
            return sign switch { 0xC000 => "NaN", 0xD000 => "Infinity", 0xF000 => "-Infinity", _ => $"sign {sign:x4}" };
        BigInteger digits = 0;
        for (var i = 0; i < count; i++)
            digits = (digits * 10_000) + Short(bytes, 4 + i);
        var fraction = 4 * (count - 1 - weight);
        if (fraction < scale)
            digits *= BigInteger.Pow(10, scale - fraction);
        else
            digits /= BigInteger.Pow(10, fraction - scale);
        var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return (sign == 0 ? "" : "-") + (scale == 0 ? text : $"{text[..^scale]}.{text[^scale..]}");
    }
}
