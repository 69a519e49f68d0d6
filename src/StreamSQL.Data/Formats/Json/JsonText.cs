using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamSQL.Data.Formats.Json;

/// <summary>
/// Strings as JSON (RFC 8259), escaped as Jackson does: only what must be, with the short forms, else upper-case <c>\u00XX</c>.
/// </summary>
internal static class JsonText
{
    private const ulong Ones = 0x0101_0101_0101_0101;
    private const ulong Highs = 0x8080_8080_8080_8080;
    private static readonly SearchValues<byte> MustEscape = SearchValues.Create(MakeMustEscape());

    /// <summary>Room that a string of so many bytes fits in, escaped and quoted.</summary>
    public static int MaxStringLength(int length) => checked((6 * length) + 2);

    /// <summary>
    /// Writes a quoted string; the destination has room for <see cref="MaxStringLength"/> bytes. Returns the bytes written.
    /// </summary>
    public static int WriteString(Span<byte> destination, ReadOnlySpan<byte> utf8)
    {
        Debug.Assert(destination.Length >= MaxStringLength(utf8.Length), "room for the string escaped");
        destination[0] = (byte)'"';
        if (!TryCopyPlain(ref MemoryMarshal.GetReference(utf8), utf8.Length,
            ref Unsafe.Add(ref MemoryMarshal.GetReference(destination), 1)))
            return WriteEscapedString(destination, utf8);
        destination[utf8.Length + 1] = (byte)'"';
        return utf8.Length + 2;
    }

    /// <summary>
    /// Copies text unless some of it must be escaped. The last block or word overlaps the one before
    /// it, so that nothing beyond the text is read or written.
    /// </summary>
    private static bool TryCopyPlain(ref byte source, int length, ref byte destination)
    {
        if (length >= Vector128<byte>.Count)
        {
            var last = length - Vector128<byte>.Count;
            for (var at = 0; ; at = Math.Min(at + Vector128<byte>.Count, last))
            {
                var block = Vector128.LoadUnsafe(ref source, (nuint)at);
                if (JsonScan.StopMask(block) != 0)
                    return false;
                block.StoreUnsafe(ref destination, (nuint)at);
                if (at == last)
                    return true;
            }
        }

        if (length >= sizeof(ulong))
        {
            var first = Unsafe.ReadUnaligned<ulong>(ref source);
            var second = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, length - sizeof(ulong)));
            if ((Stops(first) | Stops(second)) != 0)
                return false;
            Unsafe.WriteUnaligned(ref destination, first);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, length - sizeof(ulong)), second);
            return true;
        }

        for (var i = 0; i < length; i++)
        {
            var value = Unsafe.Add(ref source, i);
            if (value is (byte)'"' or (byte)'\\' or < 0x20)
                return false;
            Unsafe.Add(ref destination, i) = value;
        }

        return true;
    }

    /// <summary>
    /// Not zero when one of eight bytes must be escaped: the usual test for a zero byte and for a byte
    /// below 32, of each byte with its high bit clear.
    /// </summary>
    private static ulong Stops(ulong word)
    {
        var quote = word ^ (Ones * '"');
        var backslash = word ^ (Ones * '\\');
        return ((quote - Ones) & ~quote & Highs) | ((backslash - Ones) & ~backslash & Highs) | ((word - (Ones * 0x20)) & ~word & Highs);
    }

    private static int WriteEscapedString(Span<byte> destination, ReadOnlySpan<byte> utf8)
    {
        var at = 1;
        while (true)
        {
            var plain = utf8.IndexOfAny(MustEscape);
            if (plain < 0)
                break;
            utf8[..plain].CopyTo(destination[at..]);
            at += plain;
            at += WriteEscape(destination[at..], utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }

        utf8.CopyTo(destination[at..]);
        at += utf8.Length;
        destination[at] = (byte)'"';
        return at + 1;
    }

    private static int WriteEscape(Span<byte> destination, byte value)
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
