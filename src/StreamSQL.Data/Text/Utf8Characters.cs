using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>Positions in UTF-8 text counted in characters (code points).</summary>
public static class Utf8Characters
{
    /// <summary>How many characters a text has.</summary>
    public static int Count(ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text))
            return text.Length;
        var count = 0;
        foreach (var b in text)
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        return count;
    }

    /// <summary>Where character number <paramref name="index"/> (from 0) starts; the text's length when it has fewer.</summary>
    public static int Offset(ReadOnlySpan<byte> text, int index)
    {
        var at = 0;
        for (; index > 0 && at < text.Length; index--)
            at += Length(text[at..]);
        return at;
    }

    /// <summary>Bytes of the first character.</summary>
    public static int Length(ReadOnlySpan<byte> text)
    {
        var length = 1;
        while (length < text.Length && (text[length] & 0xC0) == 0x80)
            length++;
        return length;
    }

    /// <summary>The characters from <paramref name="start"/> (from 0) up to <paramref name="end"/>.</summary>
    public static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> text, int start, int end)
    {
        var from = Offset(text, start);
        return text.Slice(from, Offset(text[from..], end - start));
    }
}
