using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

// NOT, IS, comparisons, BETWEEN, IN, LIKE: what stands between AND and the operators of values.
internal sealed partial class SyntaxBuilder
{
    private Expression Negation(StreamSqlParser.NegationContext rule) => Negated(rule.NOT(), rule.predicate(), SourceText.PositionOf(rule));

    private Expression Negated(StreamSqlParser.NegatedOperandContext rule)
    {
        Descend(rule);
        var result = Negated(rule.NOT(), rule.predicate(), SourceText.PositionOf(rule));
        _depth--;
        return result;
    }

    // Pairs of NOT cancel out, in three-valued logic too.
    private Expression Negated(ITerminalNode[] signs, StreamSqlParser.PredicateContext operand, TextPosition position) =>
        signs.Length % 2 == 0 ? Predicate(operand) : new NotExpression(Predicate(operand), position);

    private Expression Predicate(StreamSqlParser.PredicateContext rule)
    {
        var ending = rule.negatedTail();
        // Behind a test an operator with NOT takes all that stands before it.
        var isPlain = rule.ChildCount == (ending is null ? 1 : 2);
        var result = Comparison(rule.comparison(), isPlain ? ending : null);
        var chain = new OperatorChain();
        for (var i = 1; i < rule.ChildCount; i++)
        {
            var tail = (ParserRuleContext)rule.GetChild(i);
            if (tail == ending)
                return isPlain ? result : NegatedTail(result, ending);
            chain.Follow(tail);
            result = tail switch
            {
                StreamSqlParser.IsTestContext test => IsTest(result, test),
                StreamSqlParser.DistinctTestContext test => new IsDistinctExpression(
                    result, Comparison(test.comparison(), null), test.NOT() is not null, SourceText.PositionOf(test)),
                StreamSqlParser.ComparisonTailContext comparison => ComparisonTail(result, comparison, null),
                _ => RangeTail(result, (StreamSqlParser.RangeTailContext)tail, null),
            };
        }

        return result;
    }

    private static Expression IsTest(Expression operand, StreamSqlParser.IsTestContext rule)
    {
        var position = SourceText.PositionOf(rule);
        var negated = rule.NOT() is not null;
        if (rule.NORMALIZED() is not null)
        {
            Expression test = BuiltInCall(
                "IS_NORMALIZED", position, operand, new StringLiteral(rule.form is null ? "NFC" : Identifier(rule.form).Name, position));
            return negated ? new NotExpression(test, position) : test;
        }

        if (rule.ISNULL() is not null || rule.NOTNULL() is not null)
            return new IsNullExpression(operand, rule.NOTNULL() is not null, position);
        return rule.NULL() is not null
            ? new IsNullExpression(operand, negated, position)
            : new IsBooleanExpression(operand, rule.UNKNOWN() is not null ? null : rule.TRUE() is not null, negated, position);
    }

    private Expression Comparison(StreamSqlParser.ComparisonContext rule, StreamSqlParser.NegatedTailContext? ending)
    {
        var tails = rule.comparisonTail();
        var isOwn = ending is StreamSqlParser.NegatedComparisonContext or StreamSqlParser.NegatedDistinctContext;
        var inner = isOwn ? null : ending;
        var result = RangePredicate(rule.rangePredicate(), tails.Length == 0 ? inner : null);
        var chain = new OperatorChain();
        for (var i = 0; i < tails.Length; i++)
        {
            Descend(tails[i]);
            chain.Follow(tails[i]);
            result = ComparisonTail(result, tails[i], i == tails.Length - 1 ? inner : null);
        }

        _depth -= tails.Length;
        if (!isOwn)
            return result;
        chain.Follow(ending!);
        return NegatedTail(result, ending!);
    }

    private Expression ComparisonTail(Expression operand, StreamSqlParser.ComparisonTailContext rule,
        StreamSqlParser.NegatedTailContext? ending)
    {
        var position = SourceText.PositionOf(rule);
        var symbol = Symbol(rule.comparisonOperator());
        if (rule.quantifier is null)
            return new BinaryExpression(symbol, operand, RangePredicate(rule.rangePredicate(), ending), position);
        var result = Quantified(operand, symbol, rule.quantifier, rule.query(), rule.expression(), position);
        return ending is null ? result : NegatedTail(result, ending);
    }

    /// <summary>An operator whose right operand begins with NOT, behind its left one.</summary>
    private Expression NegatedTail(Expression left, StreamSqlParser.NegatedTailContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule switch
        {
            StreamSqlParser.NegatedComparisonContext comparison =>
                new BinaryExpression(Symbol(comparison.comparisonOperator()), left, Negated(comparison.negatedOperand()), position),
            StreamSqlParser.NegatedDistinctContext test =>
                new IsDistinctExpression(left, Negated(test.negatedOperand()), test.NOT() is not null, position),
            StreamSqlParser.NegatedLikeContext like => new LikeExpression(
                left, Negated(like.negatedOperand()), KindOf(like.ILIKE(), like.SIMILAR()), null, like.NOT() is not null, position),
            StreamSqlParser.NegatedBetweenContext between => new BetweenExpression(
                left, Value(between.valueExpression()), Negated(between.negatedOperand()), between.NOT() is not null,
                between.SYMMETRIC() is not null, position),
            StreamSqlParser.NegatedOtherContext other =>
                new BinaryExpression(Symbol(other.otherOperator()), left, Negated(other.negatedOperand()), position),
            _ => throw new InvalidOperationException($"unknown operator syntax {rule.GetType().Name}"),
        };
    }

    private static string Symbol(StreamSqlParser.ComparisonOperatorContext rule) =>
        rule.Start.Type == StreamSqlLexer.NEQ ? "<>" : rule.Start.Text;

    private Expression Quantified(
        Expression operand, string symbol, IToken quantifier, StreamSqlParser.QueryContext? query, StreamSqlParser.ExpressionContext? array,
        TextPosition position)
    {
        var isAll = quantifier.Type == StreamSqlLexer.ALL;
        return query is not null
            ? new QuantifiedQueryExpression(operand, symbol, isAll, Query(query), position)
            : new QuantifiedExpression(operand, symbol, isAll, Expression(array!), position);
    }

    private Expression RangePredicate(StreamSqlParser.RangePredicateContext rule, StreamSqlParser.NegatedTailContext? ending)
    {
        var tails = rule.rangeTail();
        var other = ending as StreamSqlParser.NegatedOtherContext;
        var result = Operand(rule.valueExpression(), tails.Length == 0 ? other : null);
        var chain = new OperatorChain();
        for (var i = 0; i < tails.Length; i++)
        {
            chain.Follow(tails[i]);
            result = RangeTail(result, tails[i], i == tails.Length - 1 ? other : null);
        }

        if (ending is null || other is not null)
            return result;
        chain.Follow(ending);
        return NegatedTail(result, ending);
    }

    private Expression Operand(StreamSqlParser.ValueExpressionContext rule, StreamSqlParser.NegatedOtherContext? ending) =>
        ending is null ? Value(rule) : NegatedTail(Value(rule), ending);

    private Expression RangeTail(Expression operand, StreamSqlParser.RangeTailContext rule, StreamSqlParser.NegatedOtherContext? ending)
    {
        var position = SourceText.PositionOf(rule);
        switch (rule)
        {
            case StreamSqlParser.BetweenContext between:
                return new BetweenExpression(
                    operand, Value(between.valueExpression(0)), Operand(between.valueExpression(1), ending), between.NOT() is not null,
                    between.SYMMETRIC() is not null, position);
            case StreamSqlParser.LikeContext { quantifier: null } like:
                return Like(operand, like, position, ending);
        }

        // What ends with a parenthesis is the left operand of what follows.
        Expression result = rule switch
        {
            StreamSqlParser.InSetContext { } within when within.query() is { } query =>
                new InQueryExpression(operand, Query(query), within.NOT() is not null, position),
            StreamSqlParser.InSetContext within =>
                new InListExpression(operand, Expressions(within.expression()), within.NOT() is not null, position),
            StreamSqlParser.LikeContext like => Like(operand, like, position, null),
            StreamSqlParser.OverlapsContext overlaps => Overlaps(operand, Value(overlaps.valueExpression()), position),
            _ => throw new InvalidOperationException($"unknown predicate syntax {rule.GetType().Name}"),
        };
        return ending is null ? result : NegatedTail(result, ending);
    }

    private static FunctionCall Overlaps(Expression left, Expression right, TextPosition position) =>
        left is RowExpression { Elements.Count: 2 } first && right is RowExpression { Elements.Count: 2 } second
            ? BuiltInCall("OVERLAPS", position, [.. first.Elements, .. second.Elements])
            : throw new SqlException(
                Npgsql.PostgresErrorCodes.SyntaxError, "wrong number of parameters on " +
                    $"{(left is RowExpression { Elements.Count: 2 } ? "right" : "left")} side of OVERLAPS expression",
                position: position);

    private static LikeKind KindOf(ITerminalNode? ilike, ITerminalNode? similar) =>
        ilike is not null ? LikeKind.ILike : similar is not null ? LikeKind.SimilarTo : LikeKind.Like;

    private Expression Like(Expression operand, StreamSqlParser.LikeContext rule, TextPosition position,
        StreamSqlParser.NegatedOtherContext? ending)
    {
        var negated = rule.NOT() is not null;
        var kind = KindOf(rule.ILIKE(), rule.SIMILAR());
        if (rule.quantifier is null)
        {
            var escape = rule.text() is { } text ? Text(text) : null;
            if (escape is { Length: > 1 })
                throw SyntaxErrors.At("the escape of LIKE must be one character", SourceText.PositionOf(rule.text()));
            return new LikeExpression(operand, Operand(rule.valueExpression(), ending), kind, escape, negated, position);
        }

        var symbol = (negated ? "!" : "") + (kind == LikeKind.ILike ? "~~*" : "~~");
        return kind == LikeKind.SimilarTo
            ? throw SyntaxErrors.NotSupported("SIMILAR TO does not take ANY or ALL", position)
            : Quantified(operand, symbol, rule.quantifier, rule.query(), rule.expression(), position);
    }
}
