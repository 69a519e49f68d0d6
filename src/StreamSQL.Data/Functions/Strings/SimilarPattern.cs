using System.Text;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>
/// The patterns of SIMILAR TO: <c>%</c> any text, <c>_</c> one character, and <c>| * + ? {m,n} ( ) [ ]</c> as in regular expressions. The
/// pattern is that of the whole text. Two escaped quotes part it into three, of which SUBSTRING gives the middle.
/// </summary>
internal static class SimilarPattern
{
    /// <summary>
    /// The pattern as a regular expression of .NET, whose first group is the middle part; null when it
    /// does not end in a whole escape or has one separator.
    /// </summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="escape">The escape character; null for none.</param>
    public static string? Translate(string pattern, Rune? escape)
    {
        var text = new StringBuilder(@"\A(?:");
        var (separators, inBrackets) = (0, false);
        var isSplit = escape is { } mark && pattern.Contains(mark + "\"", StringComparison.Ordinal);
        var runes = pattern.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            if (runes[i] == escape)
            {
                if (++i == runes.Length)
                    return null;
                if (runes[i].Value != '"')
                    AppendLiteral(text, runes[i]);
                else if (separators++ < 2)
                    text.Append(separators == 1 ? ")(" : ")(?:");
                continue;
            }

            if (inBrackets && runes[i].Value == '[' && PostgresRegex.ClassAt(string.Concat(runes[i..])) is { Name: { } name } known)
            {
                text.Append(known.Members);
                i += name.Length - 1;
                continue;
            }

            if (inBrackets)
            {
                inBrackets = runes[i].Value != ']';
                text.Append(runes[i].Value is '\\' or '[' ? "\\" : "").Append(runes[i].ToString());
                continue;
            }

            inBrackets = runes[i].Value == '[';
            text.Append(runes[i].Value switch
            {
                '%' => isSplit && separators == 0 ? ".*?" : ".*",
                '_' => ".",
                '(' => "(?:",
                '|' or '*' or '+' or '?' or '{' or '}' or ')' or '[' or ',' => runes[i].ToString(),
                _ => Literal(runes[i]),
            });
        }

        return separators is 0 or 2 ? text.Append(@")\z").ToString() : null;
    }

    private static void AppendLiteral(StringBuilder text, Rune rune) => text.Append(Literal(rune));

    private static string Literal(Rune rune) => System.Text.RegularExpressions.Regex.Escape(rune.ToString());
}
