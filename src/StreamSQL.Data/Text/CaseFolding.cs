using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>
/// Upper and lower case of UTF-8 text, character by character and independent of language; bytes that are no UTF-8 stay as they are.
/// </summary>
public static class CaseFolding
{
    [ThreadStatic]
    private static byte[]? t_scratch;

    /// <summary>The most bytes that a changed text has: a two-byte letter may become a three-byte one.</summary>
    public static int MaxLength(int length) => checked(length + (length / 2) + 4);

    /// <summary>Writes the lower-case text; returns the bytes written. The target has <see cref="MaxLength"/> bytes.</summary>
    public static int ToLower(ReadOnlySpan<byte> text, Span<byte> target) => Change(text, target, upper: false);

    /// <summary>Writes the upper-case text; returns the bytes written. The target has <see cref="MaxLength"/> bytes.</summary>
    public static int ToUpper(ReadOnlySpan<byte> text, Span<byte> target) => Change(text, target, upper: true);

    /// <summary>The lower-case text in an array of its own.</summary>
    public static byte[] Lower(ReadOnlySpan<byte> text) => LowerToScratch(text).ToArray();

    /// <summary>The lower-case text in a buffer of this thread, valid until the next call.</summary>
    public static ReadOnlySpan<byte> LowerToScratch(ReadOnlySpan<byte> text)
    {
        if (t_scratch is null || t_scratch.Length < MaxLength(text.Length))
            t_scratch = new byte[Math.Max(256, MaxLength(text.Length))];
        return t_scratch.AsSpan(0, ToLower(text, t_scratch));
    }

    private static int Change(ReadOnlySpan<byte> text, Span<byte> target, bool upper)
    {
        if (Ascii.IsValid(text))
        {
            if (upper)
                Ascii.ToUpper(text, target, out _);
            else
                Ascii.ToLower(text, target, out _);
            return text.Length;
        }

        var written = 0;
        while (text.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out var used);
            if (status == System.Buffers.OperationStatus.Done)
            {
                written += (upper ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune)).EncodeToUtf8(target[written..]);
            }
            else
            {
                text[..used].CopyTo(target[written..]);
                written += used;
            }

            text = text[used..];
        }

        return written;
    }
}
