using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using Antlr4.Runtime.Misc;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

/// <summary>SQL text to syntax trees. Stateless and thread-safe.</summary>
public static class SqlParser
{
    /// <summary>Parses the statements of a script; none when it holds only white space, comments and semicolons.</summary>
    /// <exception cref="SqlException">42601 for text that is not SQL, with position and what was expected; 54001 for text nested too
    /// deeply; 54000 for text that is too long.</exception>
    public static IReadOnlyList<Statement> ParseScript(string text)
    {
        var (tokens, parser) = Open(text);
        return new SyntaxBuilder(text).Script(Parse(tokens, parser));
    }

    /// <summary>Parses exactly one statement.</summary>
    /// <exception cref="SqlException">As <see cref="ParseScript"/>; 42601 also when there is no statement or more than one.</exception>
    public static Statement ParseStatement(string text)
    {
        var statements = ParseScript(text);
        return statements.Count switch
        {
            1 => statements[0],
            0 => throw SyntaxErrors.At("there is no statement", new TextPosition(0, 1, 1)),
            _ => throw SyntaxErrors.At("cannot insert multiple commands into a prepared statement", statements[1].Position),
        };
    }

    private static (CommonTokenStream Tokens, StreamSqlParser Parser) Open(string text)
    {
        if (text.Length > SyntaxLimits.MaxLength)
            throw SyntaxLimits.TooLong(text.Length);
        var lexer = new StreamSqlLexer(new AntlrInputStream(text), TextWriter.Null, TextWriter.Null);
        lexer.RemoveErrorListeners();
        var tokens = new CommonTokenStream(lexer);
        tokens.Fill();
        SyntaxLimits.CheckCount(tokens.Size);
        SyntaxLimits.CheckBrackets(tokens.GetTokens());
        var parser = new StreamSqlParser(tokens, TextWriter.Null, TextWriter.Null);
        parser.RemoveErrorListeners();
        return (tokens, parser);
    }

    // SLL decides almost every statement and is fast; where it fails, full LL either succeeds or finds the error exactly.
    private static StreamSqlParser.ScriptContext Parse(CommonTokenStream tokens, StreamSqlParser parser)
    {
        parser.Interpreter.PredictionMode = PredictionMode.SLL;
        parser.ErrorHandler = new BailErrorStrategy();
        try
        {
            return parser.script();
        }
        catch (ParseCanceledException)
        {
            tokens.Seek(0);
            parser.Reset();
            parser.Interpreter.PredictionMode = PredictionMode.LL;
            parser.ErrorHandler = new SyntaxErrorStrategy();
            return parser.script();
        }
    }
}
