namespace StreamSQL.Sql.Parsing;

/// <summary>Finds quotes and comments in SQL text that cannot be lexed yet, because variables stand in it.</summary>
internal static class TextScanner
{
    /// <summary>Where the quoted text, comment, word or single character that begins at an index ends.</summary>
    public static int EndOfPiece(string text, int start) => text[start] switch
    {
        '\'' or '"' or '`' => EndOfQuoted(text, start),
        '-' when Follows(text, start, "--") => IndexOrEnd(text.IndexOfAny(['\r', '\n'], start), text),
        '/' when Follows(text, start, "/*") => EndOfBlockComment(text, start),
        '$' when EndOfDollarQuoted(text, start) is { } end => end,
        _ => start + 1,
    };

    /// <summary>Whether a text is one word, one number or one quoted text.</summary>
    public static bool IsOneToken(string text)
    {
        if (text.Length == 0)
            return false;
        if (text[0] is '\'' or '"' or '`')
            return EndOfPiece(text, 0) == text.Length && text.Length > 1 && text[^1] == text[0];
        var digits = text[0] is '-' or '+' ? text[1..] : text;
        return digits.Length > 0 && digits.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');
    }

    private static int EndOfQuoted(string text, int start)
    {
        for (var at = start + 1; at < text.Length; at++)
        {
            if (text[at] != text[start])
                continue;
            if (at + 1 == text.Length || text[at + 1] != text[start])
                return at + 1;
            at++;
        }

        return text.Length;
    }

    private static int EndOfBlockComment(string text, int start)
    {
        var depth = 0;
        for (var at = start; at + 1 < text.Length; at++)
        {
            if (Follows(text, at, "/*"))
                depth++;
            else if (Follows(text, at, "*/"))
                depth--;
            else
                continue;
            if (depth == 0)
                return at + 2;
            at++;
        }

        return text.Length;
    }

    // $tag$ ... $tag$; null where no tag begins, as at ${name}.
    private static int? EndOfDollarQuoted(string text, int start)
    {
        var at = start + 1;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        if (at == text.Length || text[at] != '$' || (at + 1 < text.Length && text[at + 1] == '{'))
            return null;
        var tag = text[start..(at + 1)];
        var end = text.IndexOf(tag, at + 1, StringComparison.Ordinal);
        return end < 0 ? text.Length : end + tag.Length;
    }

    private static bool Follows(string text, int at, string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;

    private static int IndexOrEnd(int index, string text) => index < 0 ? text.Length : index;
}
