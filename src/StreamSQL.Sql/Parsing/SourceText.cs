using Antlr4.Runtime;
using StreamSQL.Data.Errors;

namespace StreamSQL.Sql.Parsing;

/// <summary>Tokens and rules as places and slices of the script.</summary>
internal static class SourceText
{
    internal static TextPosition PositionOf(IToken token) => new(token.StartIndex, token.Line, token.Column + 1);

    internal static TextPosition PositionOf(ParserRuleContext rule) => PositionOf(rule.Start);

    /// <summary>The text of a rule as it was written, with comments inside it.</summary>
    internal static string Slice(string script, ParserRuleContext rule) => script[rule.Start.StartIndex..(rule.Stop.StopIndex + 1)];
}
