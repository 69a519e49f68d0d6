using System.Text;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Escapes in JSON strings (RFC 8259, section 7).</summary>
internal static class JsonEscapes
{
    /// <summary>The length of the escape at the front of a text, 0 when there is none. Surrogates are not paired here.</summary>
    public static int Length(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2)
            return 0;
        if (text[1] != (byte)'u')
            return Letter(text[1]) != 0 ? 2 : 0;
        return text.Length >= 6 && CodeUnit(text) >= 0 ? 6 : 0;
    }

    /// <summary>
    /// Undoes the escapes of a string that <see cref="JsonCursor.ReadString"/> accepted. The destination is as long as the string: escapes
    /// only shrink. Gives the bytes written, or -1 where half of a surrogate pair stands alone.
    /// </summary>
    public static int Undo(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var written = 0;
        while (true)
        {
            var plain = text.IndexOf((byte)'\\');
            if (plain < 0)
                break;
            text[..plain].CopyTo(destination[written..]);
            written += plain;
            text = text[plain..];
            if (text[1] != (byte)'u')
            {
                destination[written++] = Letter(text[1]);
                text = text[2..];
                continue;
            }

            var used = ReadRune(text, out var rune);
            if (used == 0)
                return -1;
            written += rune.EncodeToUtf8(destination[written..]);
            text = text[used..];
        }

        text.CopyTo(destination[written..]);
        return written + text.Length;
    }

    private static int ReadRune(ReadOnlySpan<byte> text, out Rune rune)
    {
        var unit = (char)CodeUnit(text);
        if (Rune.TryCreate(unit, out rune))
            return 6;
        var paired = text.Length >= 12 && text[6] == (byte)'\\' && text[7] == (byte)'u' ? CodeUnit(text[6..]) : -1;
        return paired >= 0 && Rune.TryCreate(unit, (char)paired, out rune) ? 12 : 0;
    }

    /// <summary>The value of <c>\uXXXX</c> at the front, -1 when the digits are not hexadecimal.</summary>
    private static int CodeUnit(ReadOnlySpan<byte> text)
    {
        var value = 0;
        for (var i = 2; i < 6; i++)
        {
            if (!char.IsAsciiHexDigit((char)text[i]))
                return -1;
            value = (value << 4) | (text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
        }

        return value;
    }

    private static byte Letter(byte letter) => letter switch
    {
        (byte)'"' or (byte)'\\' or (byte)'/' => letter,
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => 0,
    };
}
