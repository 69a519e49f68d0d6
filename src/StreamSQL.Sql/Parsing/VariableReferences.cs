using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Parsing;

/// <summary>
/// Replaces <c>${name}</c> by the values of variables before text is parsed. Inside quotes a value is text and cannot end them; elsewhere
/// it must be one word, one number or one quoted text, so that no value can add to the statement.
/// <c>$${name}</c> stands for <c>${name}</c> itself.
/// </summary>
public static class VariableReferences
{
    /// <summary>Whether a text has any, so that it needs <see cref="Replace"/>.</summary>
    public static bool MayBeIn(string text) => text.Contains("${", StringComparison.Ordinal);

    /// <summary>Cuts a script behind each semicolon that ends a statement.</summary>
    public static IEnumerable<string> SplitStatements(string script)
    {
        var start = 0;
        for (var at = 0; at < script.Length;)
        {
            var end = TextScanner.EndOfPiece(script, at);
            if (script[at] == ';')
            {
                yield return script[start..end];
                start = end;
            }

            at = end;
        }

        if (start < script.Length)
            yield return script[start..];
    }

    /// <summary>The text with the variables' values; a name that is not defined stays as it is.</summary>
    /// <exception cref="SqlException">22023: a value outside quotes that is not a single word, number
    /// or quoted text; 54000: too long.</exception>
    public static string Replace(string text, Func<string, string?> valueOf)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var end = TextScanner.EndOfPiece(text, at);
            if (text[at] is '\'' or '"' or '`')
                ReplaceIn(text, at, end, text[at], valueOf, result);
            else if (text[at] == '$' && end - at == 1)
                end = ReplaceOne(text, at, text.Length, null, valueOf, result);
            else
                result.Append(text, at, end - at);
            if (result.Length > SyntaxLimits.MaxLength)
                throw SyntaxLimits.TooLong(result.Length);
            at = end;
        }

        return result.ToString();
    }

    private static void ReplaceIn(string text, int start, int end, char quote, Func<string, string?> valueOf, StringBuilder result)
    {
        for (var at = start; at < end;)
        {
            if (text[at] == '$')
            {
                at = ReplaceOne(text, at, end, quote, valueOf, result);
                continue;
            }

            result.Append(text[at++]);
        }
    }

    // At a dollar sign; returns where to go on.
    private static int ReplaceOne(string text, int at, int end, char? quote, Func<string, string?> valueOf, StringBuilder result)
    {
        var isEscaped = at + 1 < end && text[at + 1] == '$';
        var brace = isEscaped ? at + 2 : at + 1;
        var close = brace < end && text[brace] == '{' ? text.IndexOf('}', brace, end - brace) : -1;
        if (close < 0)
        {
            result.Append('$');
            return at + 1;
        }

        var name = text[(brace + 1)..close];
        if (isEscaped || valueOf(name) is not { } value)
            result.Append("${").Append(name).Append('}');
        else if (quote is { } mark)
            result.Append(value.Replace(mark.ToString(), $"{mark}{mark}", StringComparison.Ordinal));
        else
            result.Append(TextScanner.IsOneToken(value) ? value : throw NotOneToken(name, value));
        return close + 1;
    }

    private static SqlException NotOneToken(string name, string value) => new(
        PostgresErrorCodes.InvalidParameterValue, $"variable {name} cannot stand outside quotes: its value is more than one word: {value}",
        "Outside quotes a variable can be a name, a number, or text in its own quotes.");
}
