using System.Text;

namespace StreamSQL.Data.Text;

/// <summary>PostgreSQL's text form of arrays of one dimension.</summary>
public static class ArrayText
{
    /// <summary>The elements of <c>{a,"b c",NULL}</c>; null where the text is no such array.</summary>
    public static IReadOnlyList<string?>? Parse(string text)
    {
        text = text.Trim();
        if (text.Length < 2 || text[0] != '{' || text[^1] != '}')
            return null;
        var body = text[1..^1];
        var elements = new List<string?>();
        var at = 0;
        while (body.AsSpan(at).Trim().Length > 0 || elements.Count > 0)
        {
            if (!TryRead(body, ref at, out var element))
                return null;
            elements.Add(element);
            if (at == body.Length)
                return elements;
            if (body[at++] != ',')
                return null;
        }

        return elements;
    }

    // Reads one element and stops at the comma or the end.
    private static bool TryRead(string body, ref int at, out string? element)
    {
        element = null;
        while (at < body.Length && char.IsWhiteSpace(body[at]))
            at++;
        if (at < body.Length && body[at] == '"')
            return TryReadQuoted(body, ref at, out element);
        var start = at;
        while (at < body.Length && body[at] != ',')
        {
            if (body[at++] is '{' or '}' or '"')
                return false;
        }

        var word = body[start..at].Trim();
        element = word.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? null : word;
        return word.Length > 0;
    }

    private static bool TryReadQuoted(string body, ref int at, out string? element)
    {
        var value = new StringBuilder();
        at++;
        while (at < body.Length && body[at] != '"')
        {
            if (body[at] == '\\')
                at++;
            if (at < body.Length)
                value.Append(body[at++]);
        }

        element = value.ToString();
        if (at++ >= body.Length)
            return false;
        while (at < body.Length && char.IsWhiteSpace(body[at]))
            at++;
        return true;
    }
}
