using Antlr4.Runtime;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Parsing;

/// <summary>Says in words what was expected, and what a misspelt word may have meant.</summary>
internal static class Expectation
{
    private const int MaxNamed = 10;

    // In the order in which people think of them.
    private static readonly int[] Clauses =
    [
        StreamSqlLexer.SELECT, StreamSqlLexer.FROM, StreamSqlLexer.JOIN, StreamSqlLexer.WITHIN, StreamSqlLexer.ON, StreamSqlLexer.WINDOW,
        StreamSqlLexer.WHERE, StreamSqlLexer.GROUP, StreamSqlLexer.PARTITION, StreamSqlLexer.HAVING, StreamSqlLexer.ORDER,
        StreamSqlLexer.EMIT,
        StreamSqlLexer.LIMIT, StreamSqlLexer.VALUES, StreamSqlLexer.WITH, StreamSqlLexer.AS,
    ];

    private static readonly HashSet<int> Operators =
    [
        StreamSqlLexer.AND, StreamSqlLexer.OR, StreamSqlLexer.NOT, StreamSqlLexer.IS, StreamSqlLexer.IN, StreamSqlLexer.BETWEEN,
        StreamSqlLexer.LIKE,
        StreamSqlLexer.ILIKE, StreamSqlLexer.SIMILAR, StreamSqlLexer.ISNULL, StreamSqlLexer.NOTNULL, StreamSqlLexer.COLLATE,
        StreamSqlLexer.AT,
        StreamSqlLexer.OPERATOR,
    ];

    private static readonly int[] Signs =
    [
        StreamSqlLexer.COMMA, StreamSqlLexer.LPAREN, StreamSqlLexer.RPAREN, StreamSqlLexer.RBRACKET, StreamSqlLexer.EQ,
        StreamSqlLexer.ASSIGN,
    ];

    private static readonly HashSet<int> Unreserved =
        [.. FirstOf(StreamSqlParser.RULE_unreserved), .. FirstOf(StreamSqlParser.RULE_functionKeyword)];
    private static readonly HashSet<int> ClauseKeywords = FirstOf(StreamSqlParser.RULE_clauseKeyword);

    /// <summary>What was expected; empty when there is nothing to say.</summary>
    internal static string Describe(IReadOnlySet<int> expected)
    {
        var names = Names(expected);
        if (names.Count > MaxNamed)
            names = [.. names.Take(MaxNamed - 1), "more"];
        return names.Count switch
        {
            0 => "",
            1 => names[0],
            _ => $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}",
        };
    }

    /// <summary>A hint when the word found, or the one before it (then taken for a name), is nearly a keyword; else null.</summary>
    internal static string? Suggest(IReadOnlySet<int> expected, IToken found, IToken? previous)
    {
        if (found.Type != TokenConstants.EOF && found.Text.Length > 1 && found.Text.All(char.IsLetter)
            && NearestName.Find(found.Text.ToUpperInvariant(), expected.Where(IsKeyword).Select(NameOf)) is { } nearest)
            return $"Did you mean {nearest}?";
        return previous is { Type: StreamSqlLexer.IDENTIFIER }
            && NearestName.Find(previous.Text.ToUpperInvariant(), Clauses.Select(NameOf)) is { } earlier
            ? $"Did you mean {earlier} instead of {previous.Text}?"
            : null;
    }

    private static List<string> Names(IReadOnlySet<int> expected)
    {
        var takesName = expected.Contains(StreamSqlLexer.IDENTIFIER);
        if (expected.Contains(StreamSqlLexer.CASE) && expected.Contains(StreamSqlLexer.CAST) && expected.Contains(StreamSqlLexer.LPAREN))
            return expected.Contains(StreamSqlLexer.STAR) ? ["an expression", "'*'"] : ["an expression"];
        // After a dot or AS any word is a name.
        if (takesName && expected.Contains(StreamSqlLexer.WHEN) && expected.Contains(StreamSqlLexer.FROM))
            return ["a name"];
        if (expected.Contains(StreamSqlLexer.DEALLOCATE) && expected.Contains(StreamSqlLexer.SELECT))
            return ["a statement"];

        var names = new List<string>();
        var isAfterExpression = expected.Contains(StreamSqlLexer.CONCAT);
        if (takesName && !isAfterExpression)
            names.Add("a name");
        else if (expected.Contains(StreamSqlLexer.INTEGER))
            names.Add("a number");
        if (expected.Contains(StreamSqlLexer.STRING))
            names.Add("a quoted string");
        if (isAfterExpression)
            names.Add("an operator");
        names.AddRange(Signs.Where(sign => expected.Contains(sign) && !(isAfterExpression && sign == StreamSqlLexer.EQ)).Select(NameOf));
        var words = expected.Where(type => IsWorthNaming(type, expected, takesName) && !(isAfterExpression && Operators.Contains(type)));
        names.AddRange(words.OrderBy(static type => Array.IndexOf(Clauses, type) is var at and >= 0 ? at : Clauses.Length + type)
            .Select(NameOf));
        if (expected.Contains(StreamSqlLexer.SEMICOLON))
            names.Add("';'");
        return names;
    }

    // Where any name can stand, the keywords that can be names say nothing.
    private static bool IsWorthNaming(int type, IReadOnlySet<int> expected, bool takesName) =>
        IsKeyword(type)
            && !(takesName && (Unreserved.Contains(type)
                || (ClauseKeywords.Contains(type) && expected.Contains(StreamSqlLexer.PRECEDING))));

    private static bool IsKeyword(int type) => type is > 0 and < StreamSqlLexer.SEMICOLON;

    private static HashSet<int> FirstOf(int rule) =>
        [.. StreamSqlParser._ATN.NextTokens(StreamSqlParser._ATN.ruleToStartState[rule]).ToArray()];

    private static string NameOf(int type) => IsKeyword(type)
        ? StreamSqlParser.DefaultVocabulary.GetSymbolicName(type).TrimEnd('_')
        : StreamSqlParser.DefaultVocabulary.GetLiteralName(type);
}
