using System.Text;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>
/// PostgreSQL's regular expressions in .NET's words: classes like <c>[:digit:]</c>, word boundaries, an end that is the very end, and
/// back-references and dollar signs in replacements. One thing stays .NET's: of several alternatives
/// the first that matches is taken, not the longest.
/// </summary>
internal static class PostgresRegex
{
    private static readonly (string Name, string Members)[] Classes =
    [
        ("[:alnum:]", @"\p{L}\p{Nd}"), ("[:alpha:]", @"\p{L}"), ("[:blank:]", @" \t"), ("[:cntrl:]", @"\p{Cc}"), ("[:digit:]", "0-9"),
        ("[:graph:]", @"\p{L}\p{M}\p{N}\p{P}\p{S}"), ("[:lower:]", @"\p{Ll}"), ("[:print:]", @"\p{L}\p{M}\p{N}\p{P}\p{S} "),
        ("[:punct:]", @"\p{P}\p{S}"),
        ("[:space:]", @"\s"), ("[:upper:]", @"\p{Lu}"), ("[:xdigit:]", "0-9A-Fa-f"),
    ];

    /// <summary>
    /// The named class that a text in brackets starts with, and what .NET calls its members; no name where it starts with none.
    /// </summary>
    public static (string? Name, string? Members) ClassAt(string text) =>
        Classes.FirstOrDefault(named => text.StartsWith(named.Name, StringComparison.Ordinal));

    /// <summary>A pattern.</summary>
    public static string Pattern(string pattern, PatternFlags flags = PatternFlags.None)
    {
        var stops = flags.HasFlag(PatternFlags.StopsAtLine);
        var end = flags.HasFlag(PatternFlags.HasLineAnchors) ? "$" : @"\z";
        var text = new StringBuilder(pattern.Length + 16);
        for (var i = 0; i < pattern.Length;)
        {
            if (pattern[i] == '[')
                i = AppendBracket(pattern, i, text, stops);
            else if (pattern[i] == '\\' && i + 1 < pattern.Length)
                i = AppendEscape(pattern, i, text);
            else
                text.Append(pattern[i++] switch { '$' => end, '.' when stops => @"[^\n]", var other => other.ToString() });
        }

        return text.ToString();
    }

    /// <summary>A replacement: <c>\1</c> to <c>\9</c> and <c>\&amp;</c> are what matched.</summary>
    public static string Replacement(string replacement)
    {
        var text = new StringBuilder(replacement.Length);
        for (var i = 0; i < replacement.Length; i++)
        {
            var next = replacement[i] == '\\' && i + 1 < replacement.Length ? replacement[i + 1] : '\0';
            if (replacement[i] == '$')
                text.Append("$$");
            else if (next is >= '1' and <= '9')
                text.Append("${").Append(replacement[++i]).Append('}');
            else if (next is '&' or '\\')
                text.Append(replacement[++i] == '&' ? "$0" : "\\");
            else
                text.Append(replacement[i]);
        }

        return text.ToString();
    }

    private static int AppendEscape(string pattern, int at, StringBuilder text)
    {
        text.Append(pattern[at + 1] switch
        {
            'm' => @"\b(?=\w)",
            'M' => @"\b(?<=\w)",
            'y' => @"\b",
            'Y' => @"\B",
            'Z' => @"\z",
            'b' => @"\x08",
            'B' => @"\\",
            'w' => @"[\p{L}\p{Nd}_]",
            'W' => @"[^\p{L}\p{Nd}_]",
            'd' => "[0-9]",
            'D' => "[^0-9]",
            var other => "\\" + other,
        });
        return at + 2;
    }

    /// <summary>A bracket's members: a closing bracket at the start and an opening one anywhere are themselves.</summary>
    private static int AppendBracket(string pattern, int at, StringBuilder text, bool stopsAtLine)
    {
        text.Append(pattern[at++]);
        if (at < pattern.Length && pattern[at] == '^')
            text.Append(pattern[at++]).Append(stopsAtLine ? @"\n" : "");
        for (var start = at; at < pattern.Length; at++)
        {
            if (pattern[at] == ']' && at > start)
            {
                text.Append(']');
                return at + 1;
            }

            if (pattern[at] == '[' && ClassAt(pattern[at..]) is { Name: { } name } known)
            {
                text.Append(known.Members);
                at += name.Length - 1;
            }
            else if (pattern[at] == '\\' && at + 1 < pattern.Length)
            {
                text.Append(pattern[at++]).Append(pattern[at]);
            }
            else
            {
                text.Append(pattern[at] is '[' or ']' ? "\\" : "").Append(pattern[at]);
            }
        }

        return at;
    }
}
