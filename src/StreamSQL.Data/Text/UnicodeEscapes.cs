using System.Globalization;
using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>
/// Code points in texts as PostgreSQL's <c>U&amp;'...'</c> and <c>unistr</c> write them: <c>\XXXX</c>,
/// <c>\+XXXXXX</c>, and for unistr also <c>\uXXXX</c> and <c>\UXXXXXXXX</c>, in hexadecimal digits; <c>\\</c> is a backslash.
/// </summary>
public static class UnicodeEscapes
{
    /// <summary>What a malformed escape is reported as.</summary>
    public const string Error = "invalid Unicode escape";

    /// <summary>How escapes are written.</summary>
    public const string Hint = "Unicode escapes must be \\XXXX or \\+XXXXXX.";

    /// <summary>What begins an escape where nothing else is said.</summary>
    public const char Backslash = '\\';

    /// <summary>The text meant; null when an escape is malformed or no code point.</summary>
    public static string? TryDecode(string text, char escape = Backslash)
    {
        if (!text.Contains(escape, StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != escape)
            {
                result.Append(text[at++]);
                continue;
            }

            if (at + 1 < text.Length && text[at + 1] == escape)
            {
                result.Append(escape);
                at += 2;
                continue;
            }

            if (!TryReadCodePoint(text, ref at, result))
                return null;
        }

        return result.ToString();
    }

    private static bool TryReadCodePoint(string text, ref int at, StringBuilder result)
    {
        var (skip, digits) = at + 1 < text.Length ? text[at + 1] switch
        {
            '+' => (2, 6),
            'u' => (2, 4),
            'U' => (2, 8),
            _ => (1, 4),
        } : (1, 4);
        if (at + skip + digits > text.Length
            || !uint.TryParse(text.AsSpan(at + skip, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is 0 or > 0x10FFFF)
            return false;
        at += skip + digits;

        // Two halves of a pair stand one after the other.
        if (value is >= 0xD800 and <= 0xDFFF)
            result.Append((char)value);
        else
            result.Append(char.ConvertFromUtf32((int)value));
        return true;
    }
}
