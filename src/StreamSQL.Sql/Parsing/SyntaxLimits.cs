using Antlr4.Runtime;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;

namespace StreamSQL.Sql.Parsing;

/// <summary>How long and how deep a script may be.</summary>
public static class SyntaxLimits
{
    /// <summary>Levels of nesting: parentheses, sub-queries, operators, types.</summary>
    public const int MaxDepth = 500;

    private const string Shorter = "Send several statements, or use COPY ... FROM STDIN for rows.";

    /// <summary>Characters of a script.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    /// <summary>
    /// Words, numbers, texts and signs of a script: parsing takes about ten microseconds for each. A row for each of the 65,535 parameters
    /// that a message can have fits.
    /// </summary>
    public const int MaxTokens = 300_000;

    /// <summary>Refuses more than can be parsed in about three seconds.</summary>
    internal static void CheckCount(int tokens)
    {
        if (tokens > MaxTokens)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded,
                $"statement of {tokens} words and signs is too long: the limit is {MaxTokens}", Shorter);
        }
    }

    /// <summary>Counts open brackets before the parser looks ahead over them, which takes time in the square of their number.</summary>
    internal static void CheckBrackets(IList<IToken> tokens)
    {
        var depth = 0;
        foreach (var token in tokens)
        {
            if (token.Type is StreamSqlLexer.LPAREN or StreamSqlLexer.LBRACKET && ++depth > MaxDepth)
                throw TooDeep(SourceText.PositionOf(token));
            if (token.Type is StreamSqlLexer.RPAREN or StreamSqlLexer.RBRACKET)
                depth--;
        }
    }

    internal static SqlException TooDeep(TextPosition position) =>
        new(PostgresErrorCodes.StatementTooComplex,
            $"line {position.Line}:{position.Column}: statement is nested too deeply: the limit is {MaxDepth} levels",
            hint: "Split the statement, or use IN (...) or ARRAY[...] instead of a chain of operators.", position);

    internal static SqlException TooLong(int length) =>
        new(PostgresErrorCodes.ProgramLimitExceeded, $"statement text of {length} characters is too long: the limit is {MaxLength}",
            hint: Shorter);
}
