using Antlr4.Runtime;
using StreamSQL.Sql.Parsing.Generated;

namespace StreamSQL.Sql.Parsing;

/// <summary>Stops at the first syntax error and says what was found, what could have stood there and what may have been meant.</summary>
internal sealed class SyntaxErrorStrategy : DefaultErrorStrategy
{
    public override void Sync(Parser recognizer)
    {
        // Checking ahead would report an outer rule's expectation before the inner rule has said its own.
    }

    public override void Recover(Parser recognizer, RecognitionException e) => throw Describe(recognizer, e);

    public override IToken RecoverInline(Parser recognizer) => throw Describe(recognizer, new InputMismatchException(recognizer));

    public override void ReportError(Parser recognizer, RecognitionException e)
    {
        // Recover, which follows, throws.
    }

    private static Exception Describe(Parser parser, RecognitionException error)
    {
        var found = error.OffendingToken;
        if (UnsupportedStatements.Find((ITokenStream)parser.InputStream, found) is { } refusal)
            return refusal;
        var expected = ExpectedTokens.Before(parser, found);
        var previous = PreviousWord((ITokenStream)parser.InputStream, found.TokenIndex);
        var what = found.Type switch
        {
            TokenConstants.EOF => "at end of input",
            StreamSqlLexer.UNRECOGNIZED when found.Text is "'" or "\"" or "`" => $"at or near {found.Text} (it is not closed)",
            StreamSqlLexer.UNRECOGNIZED when found.Text.StartsWith('$') && found.Text.Length > 1 => "at or near '$' (it is not closed)",
            _ => $"at or near '{Shorten(found.Text)}'",
        };
        var wanted = Expectation.Describe(expected);
        return SyntaxErrors.At(wanted.Length == 0 ? what : $"{what}: expected {wanted}", SourceText.PositionOf(found),
            Expectation.Suggest(expected, found, previous));
    }

    private static IToken? PreviousWord(ITokenStream tokens, int index)
    {
        while (--index >= 0)
        {
            var token = tokens.Get(index);
            if (token.Channel == TokenConstants.DefaultChannel)
                return token;
        }

        return null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "...");
}
