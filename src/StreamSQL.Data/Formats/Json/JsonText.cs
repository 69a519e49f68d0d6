using System.Buffers;

namespace StreamSQL.Data.Formats.Json;

/// <summary>Strings as JSON (RFC 8259), escaped as Jackson does: only what must be, with the short forms, else upper-case <c>\u00XX</c>.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> MustEscape = SearchValues.Create(MakeMustEscape());

    /// <summary>Room that a string of so many bytes fits in, escaped and quoted.</summary>
    public static int MaxStringLength(int length) => checked((6 * length) + 2);

    /// <summary>Writes a quoted string; the destination has room for <see cref="MaxStringLength"/> bytes. Returns the bytes written.</summary>
    public static int WriteString(Span<byte> destination, ReadOnlySpan<byte> utf8)
    {
        destination[0] = (byte)'"';
        var at = 1;
        while (true)
        {
            var plain = utf8.IndexOfAny(MustEscape);
            if (plain < 0)
                break;
            utf8[..plain].CopyTo(destination[at..]);
            at += plain;
            at += WriteEscaped(destination[at..], utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }

        utf8.CopyTo(destination[at..]);
        at += utf8.Length;
        destination[at] = (byte)'"';
        return at + 1;
    }

    private static int WriteEscaped(Span<byte> destination, byte value)
    {
        destination[0] = (byte)'\\';
        var letter = value switch
        {
            (byte)'"' or (byte)'\\' => value,
            (byte)'\b' => (byte)'b',
            (byte)'\t' => (byte)'t',
            (byte)'\n' => (byte)'n',
            (byte)'\f' => (byte)'f',
            (byte)'\r' => (byte)'r',
            _ => (byte)0,
        };
        if (letter != 0)
        {
            destination[1] = letter;
            return 2;
        }

        "u00"u8.CopyTo(destination[1..]);
        destination[4] = "0123456789ABCDEF"u8[value >> 4];
        destination[5] = "0123456789ABCDEF"u8[value & 15];
        return 6;
    }

    private static byte[] MakeMustEscape()
    {
        var bytes = new byte[34];
        for (byte i = 0; i < 32; i++)
            bytes[i] = i;
        bytes[32] = (byte)'"';
        bytes[33] = (byte)'\\';
        return bytes;
    }
}
