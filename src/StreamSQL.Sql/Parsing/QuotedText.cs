using System.Text;

namespace StreamSQL.Sql.Parsing;

/// <summary>
/// Quoted constants that go on in the next line, as SQL lets them: <c>'one'</c>, a line feed, <c>' two'</c> are <c>'one two'</c>.
/// </summary>
internal static class QuotedText
{
    /// <summary>What stands between the quotes of a token, its parts joined; doubled quotes and escapes are as they were written.</summary>
    /// <param name="token">The token's text.</param>
    /// <param name="start">Where its first quote stands.</param>
    /// <param name="hasEscapes">Whether a backslash takes the meaning of a quote.</param>
    public static string Body(string token, int start, bool hasEscapes = false)
    {
        var end = End(token, start, hasEscapes);
        if (end == token.Length - 1)
            return token[(start + 1)..end];
        var body = new StringBuilder(token, start + 1, end - start - 1, token.Length);
        while (end < token.Length - 1)
        {
            var next = NextPart(token, end + 1);
            end = End(token, next, hasEscapes);
            body.Append(token, next + 1, end - next - 1);
        }

        return body.ToString();
    }

    // The quote that ends a part.
    private static int End(string token, int start, bool hasEscapes)
    {
        for (var at = start + 1; at < token.Length - 1; at++)
        {
            if (hasEscapes && token[at] == '\\')
                at++;
            else if (token[at] == '\'' && token[at + 1] == '\'')
                at++;
            else if (token[at] == '\'')
                return at;
        }

        return token.Length - 1;
    }

    // Between two parts stand white space and comments, in which there may be quotes.
    private static int NextPart(string token, int at)
    {
        while (token[at] != '\'')
            at = token[at] == '-' ? token.IndexOfAny(['\r', '\n'], at) : at + 1;
        return at;
    }
}
