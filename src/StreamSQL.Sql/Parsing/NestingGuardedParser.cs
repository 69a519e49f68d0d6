using System.Runtime.CompilerServices;
using Antlr4.Runtime;

namespace StreamSQL.Sql.Parsing;

/// <summary>Bounds how deeply rules nest, so that no text can exhaust the stack of the generated recursive-descent parser.</summary>
public abstract class NestingGuardedParser : Parser
{
    // A parenthesised expression passes about eight rules, so this is more than SyntaxLimits.MaxDepth levels of parentheses.
    private const int MaxRuleDepth = SyntaxLimits.MaxDepth * 8;

    private int _depth;

    /// <summary>Creates the parser.</summary>
    protected NestingGuardedParser(ITokenStream input, TextWriter output, TextWriter errorOutput)
        : base(input, output, errorOutput)
    {
    }

    /// <inheritdoc/>
    public override void EnterRule(ParserRuleContext localctx, int state, int ruleIndex)
    {
        Descend();
        base.EnterRule(localctx, state, ruleIndex);
    }

    /// <inheritdoc/>
    public override void ExitRule()
    {
        _depth--;
        base.ExitRule();
    }

    /// <inheritdoc/>
    public override void EnterRecursionRule(ParserRuleContext localctx, int state, int ruleIndex, int precedence)
    {
        Descend();
        base.EnterRecursionRule(localctx, state, ruleIndex, precedence);
    }

    /// <inheritdoc/>
    public override void UnrollRecursionContexts(ParserRuleContext _parentctx)
    {
        _depth--;
        base.UnrollRecursionContexts(_parentctx);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        _depth = 0;
        base.Reset();
    }

    private void Descend()
    {
        if (++_depth > MaxRuleDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw SyntaxLimits.TooDeep(SourceText.PositionOf(CurrentToken));
    }
}
