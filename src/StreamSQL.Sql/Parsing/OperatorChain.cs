using Antlr4.Runtime;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;

namespace StreamSQL.Sql.Parsing;

/// <summary>
/// The operators that follow each other at one level of precedence. Those that end with an operand (a comparison, BETWEEN, LIKE, IS
/// DISTINCT FROM) do not chain; those that end with a word or a parenthesis (IS NULL, IN, = ANY) may be followed by any.
/// </summary>
internal struct OperatorChain
{
    private Level _closed;

    // The levels of operators that test, from the one that binds its operands most.
    private enum Level
    {
        None,
        Range,
        Comparison,
        Test,
    }

    /// <summary>Takes the next operator.</summary>
    /// <exception cref="SqlException">42601: it stands behind one of its level that does not chain.</exception>
    public void Follow(ParserRuleContext tail)
    {
        var (level, closes) = tail switch
        {
            StreamSqlParser.ComparisonTailContext comparison => (Level.Comparison, comparison.quantifier is null),
            StreamSqlParser.NegatedComparisonContext => (Level.Comparison, true),
            StreamSqlParser.IsTestContext => (Level.Test, false),
            StreamSqlParser.DistinctTestContext or StreamSqlParser.NegatedDistinctContext => (Level.Test, true),
            StreamSqlParser.LikeContext like => (Level.Range, like.quantifier is null),
            StreamSqlParser.InSetContext => (Level.Range, false),
            _ => (Level.Range, true),
        };
        if (level == _closed)
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.SyntaxError, $"syntax error at or near \"{tail.Start.Text}\"",
                "Operators of this kind do not chain: write parentheses around one of them.", SourceText.PositionOf(tail));
        }

        _closed = closes ? level : Level.None;
    }
}
