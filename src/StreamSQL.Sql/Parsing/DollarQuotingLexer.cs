using Antlr4.Runtime;
using StreamSQL.Sql.Parsing.Generated;

namespace StreamSQL.Sql.Parsing;

/// <summary>What the generated lexer cannot say in its grammar: a dollar-quoted string ends at the tag it began with.</summary>
public abstract class DollarQuotingLexer : Lexer
{
    /// <summary>Creates the lexer.</summary>
    protected DollarQuotingLexer(ICharStream input, TextWriter output, TextWriter errorOutput)
        : base(input, output, errorOutput)
    {
    }

    /// <summary>
    /// Called after <c>$tag$</c>: reads on to the same tag, or to the end of the text (an error that the parser then reports).
    /// </summary>
    protected void ReadDollarQuotedBody()
    {
        var stream = (ICharStream)InputStream;
        var tag = Text;
        var matched = 0;
        while (matched < tag.Length && stream.LA(1) is var next && next != IntStreamConstants.EOF)
        {
            // Only '$' can begin the tag and it stands nowhere inside it, so a mismatch can restart at most one character back.
            matched = next == tag[matched] ? matched + 1 : next == '$' ? 1 : 0;
            Interpreter.Consume(stream);
        }

        if (matched < tag.Length)
            Type = StreamSqlLexer.UNRECOGNIZED;
    }
}
