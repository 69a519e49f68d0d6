using Antlr4.Runtime;
using Antlr4.Runtime.Atn;
using StreamSQL.Sql.Parsing.Generated;

namespace StreamSQL.Sql.Parsing;

/// <summary>
/// Finds every token type that could stand at a place. The parser itself knows only the rule that it is in: it has left loops and optional
/// parts behind by then. So the grammar's state machine is walked over the tokens of the statement once more, along all paths at once.
/// </summary>
internal sealed class ExpectedTokens
{
    private const int MaxTokens = 2000;
    private const int MaxRuleDepth = 1000;

    private readonly ATN _grammar = StreamSqlParser._ATN;
    private readonly int[] _tokens;
    private readonly HashSet<int> _expected = [];
    private readonly Dictionary<(int Rule, int Position), HashSet<int>> _ends = [];
    private int _depth;
    private bool _isTooDeep;

    private ExpectedTokens(int[] tokens) => _tokens = tokens;

    /// <summary>The token types that would have let the parser go on before <paramref name="offending"/>.</summary>
    internal static IReadOnlySet<int> Before(Parser parser, IToken offending)
    {
        var start = Beginning(parser);
        var stream = (ITokenStream)parser.InputStream;
        var tokens = new List<int>();
        for (var i = start; i < offending.TokenIndex && tokens.Count <= MaxTokens; i++)
        {
            if (stream.Get(i).Channel == TokenConstants.DefaultChannel)
                tokens.Add(stream.Get(i).Type);
        }

        var walk = new ExpectedTokens([.. tokens]);
        if (tokens.Count <= MaxTokens)
        {
            if (walk.EndsOf(StreamSqlParser.RULE_statement, 0).Contains(tokens.Count))
                walk._expected.UnionWith([StreamSqlLexer.SEMICOLON, TokenConstants.EOF]);
            if (!walk._isTooDeep && walk._expected.Count > 0)
                return walk._expected;
        }

        return parser.GetExpectedTokens().ToArray().ToHashSet();
    }

    // Where the statement that is being parsed begins; where the next one would, when there is none yet.
    private static int Beginning(Parser parser)
    {
        RuleContext context = parser.Context;
        while (context.Parent is not null and not StreamSqlParser.ScriptContext)
            context = context.Parent;
        return context.Parent is null ? LastStatementStart(parser) : ((ParserRuleContext)context).Start.TokenIndex;
    }

    private static int LastStatementStart(Parser parser)
    {
        var stream = (ITokenStream)parser.InputStream;
        for (var i = parser.CurrentToken.TokenIndex - 1; i >= 0; i--)
        {
            if (stream.Get(i).Type == StreamSqlLexer.SEMICOLON)
                return i + 1;
        }

        return 0;
    }

    // Where a rule that begins at a position can end. Rules are not left-recursive once generated, so this comes to an end.
    private HashSet<int> EndsOf(int rule, int position)
    {
        if (_ends.TryGetValue((rule, position), out var known))
            return known;
        var ends = new HashSet<int>();
        _ends[(rule, position)] = ends;
        if (++_depth > MaxRuleDepth)
            _isTooDeep = true;
        else
            Walk(rule, position, ends);
        _depth--;
        return ends;
    }

    private void Walk(int rule, int position, HashSet<int> ends)
    {
        var seen = new HashSet<(ATNState, int)>();
        var open = new Stack<(ATNState State, int Position)>();
        open.Push((_grammar.ruleToStartState[rule], position));
        while (open.TryPop(out var place))
        {
            if (!seen.Add(place))
                continue;
            if (place.State is RuleStopState)
            {
                ends.Add(place.Position);
                continue;
            }

            foreach (var transition in place.State.TransitionsArray)
                Follow(transition, place.Position, open);
        }
    }

    private void Follow(Transition transition, int position, Stack<(ATNState State, int Position)> open)
    {
        switch (transition)
        {
            case RuleTransition call:
                foreach (var end in EndsOf(call.ruleIndex, position))
                    open.Push((call.followState, end));
                break;
            case { IsEpsilon: true }:
                open.Push((transition.target, position));
                break;
            case { Label: { } label } when position == _tokens.Length:
                _expected.UnionWith(label.ToArray());
                break;
            case { Label: { } label } when label.Contains(_tokens[position]):
                open.Push((transition.target, position + 1));
                break;
            default:
                break;
        }
    }
}
