using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

internal sealed partial class SyntaxBuilder
{
    private Expression Expression(StreamSqlParser.ExpressionContext rule)
    {
        Descend(rule);
        var operands = rule.conjunction();
        var result = operands.Length == 1
            ? Conjunction(operands[0])
            : new LogicalExpression(false, [.. operands.Select(Conjunction)], SourceText.PositionOf(rule));
        _depth--;
        return result;
    }

    private IReadOnlyList<Expression> Expressions(IEnumerable<StreamSqlParser.ExpressionContext> rules) => [.. rules.Select(Expression)];

    private Expression? Optional(StreamSqlParser.ExpressionContext? rule) => rule is null ? null : Expression(rule);

    private Expression? Where(StreamSqlParser.WhereClauseContext? rule) => rule is null ? null : Expression(rule.expression());

    private Expression Conjunction(StreamSqlParser.ConjunctionContext rule)
    {
        var operands = rule.negation();
        return operands.Length == 1
            ? Negation(operands[0])
            : new LogicalExpression(true, [.. operands.Select(Negation)], SourceText.PositionOf(rule));
    }

    // A chain of operators leans left: it is walked down in a loop, so that only its operands recurse.
    private Expression Value(StreamSqlParser.ValueExpressionContext rule)
    {
        var chain = new Stack<StreamSqlParser.ValueExpressionContext>();
        while (LeftOperand(rule) is { } left)
        {
            Descend(rule);
            chain.Push(rule);
            rule = left;
        }

        Descend(rule);
        var result = rule is StreamSqlParser.UnaryContext unary
            ? Unary(unary)
            : Primary(((StreamSqlParser.PrimaryContext)rule).primaryExpression());
        var depth = chain.Count + 1;
        while (chain.TryPop(out var next))
            result = Extend(result, next);
        _depth -= depth;
        return result;
    }

    private static StreamSqlParser.ValueExpressionContext? LeftOperand(StreamSqlParser.ValueExpressionContext rule) =>
        rule is StreamSqlParser.UnaryContext ? null : rule.GetChild(0) as StreamSqlParser.ValueExpressionContext;

    private Expression Extend(Expression left, StreamSqlParser.ValueExpressionContext rule)
    {
        var position = rule.GetChild(1) is ITerminalNode sign ? SourceText.PositionOf(sign.Symbol)
            : SourceText.PositionOf((ParserRuleContext)rule.GetChild(1));
        return rule switch
        {
            StreamSqlParser.BinaryContext binary => new BinaryExpression(
                binary.otherOperator() is { } symbol ? Symbol(symbol) : binary.GetChild(1).GetText(), left,
                Value(binary.valueExpression(1)), position),
            StreamSqlParser.FieldAccessContext field when left is ColumnReference { Name: var name } && !IsParenthesised(rule) =>
                new ColumnReference(
                    new QualifiedName([.. name.Parts, Identifier(field.columnLabel())], name.Position)),
            StreamSqlParser.FieldAccessContext field => new FieldAccess(left, Identifier(field.columnLabel()), false, position),
            StreamSqlParser.StructAccessContext { } field when field.columnLabel().reserved()?.NULL() is not null =>
                new BinaryExpression("->", left, new NullLiteral(position), position),
            StreamSqlParser.StructAccessContext field => new FieldAccess(left, Identifier(field.columnLabel()), true, position),
            StreamSqlParser.JsonAccessContext json => new BinaryExpression("->", left, JsonKey(json.jsonKey()), position),
            StreamSqlParser.SubscriptContext { } item when item.COLON() is null =>
                new SubscriptExpression(left, Expression(item.lower), position),
            StreamSqlParser.SubscriptContext slice => new SliceExpression(left, Optional(slice.lower), Optional(slice.upper), position),
            StreamSqlParser.CastOperatorContext cast => new CastExpression(left, DataType(cast.dataType()), position),
            StreamSqlParser.CollateContext collate => new CollateExpression(left, QualifiedName(collate.qualifiedName()), position),
            StreamSqlParser.AtTimeZoneContext zone => new AtTimeZoneExpression(left, Value(zone.valueExpression(1)), position),
            StreamSqlParser.QuantifiedOperatorContext quantified => Quantified(
                left, Symbol(quantified.otherOperator()), quantified.quantifier, quantified.query(), quantified.expression(), position),
            _ => throw new InvalidOperationException($"unknown value syntax {rule.GetType().Name}"),
        };
    }

    private Expression JsonKey(StreamSqlParser.JsonKeyContext rule)
    {
        var position = SourceText.PositionOf(rule);
        if (rule.expression() is { } expression)
            return Expression(expression);
        Expression key = rule.text() is { } text ? new StringLiteral(Text(text), position)
            : rule.PARAMETER() is { } parameter ? Parameter(parameter.Symbol, position)
            : new NumberLiteral((rule.MINUS() is null ? "" : "-") + rule.INTEGER().GetText(), NumberKind.Integer, position);
        return rule.dataType().Aggregate(key, (cast, type) => new CastExpression(cast, DataType(type), position));
    }

    // (t).x reads a field of the column t; t.x may be a column of the relation t.
    private static bool IsParenthesised(StreamSqlParser.ValueExpressionContext rule) =>
        rule.GetChild(0).GetChild(0) is StreamSqlParser.ParenthesisedContext;

    private static string Symbol(StreamSqlParser.OtherOperatorContext rule) => rule.operatorSymbol() is { } named
        ? named.comparisonOperator() is { } comparison ? Symbol(comparison) : named.otherOperator() is { } other
            ? Symbol(other) : named.GetText()
        : rule.GetText();

    private Expression Unary(StreamSqlParser.UnaryContext rule)
    {
        var position = SourceText.PositionOf(rule);
        var operand = Value(rule.valueExpression());
        if (rule.PLUS() is not null && operand is NumberLiteral)
            return operand;
        // A sign belongs to the number, so that the smallest INTEGER is one; two of them leave what a BIGINT may have to hold.
        if (rule.MINUS() is not null && operand is NumberLiteral number)
            return number with { Text = number.Text.StartsWith('-') ? number.Text[1..] : "-" + number.Text, Position = position };
        return new UnaryExpression(rule.Start.Text, operand, position);
    }

    private Expression Primary(StreamSqlParser.PrimaryExpressionContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule switch
        {
            StreamSqlParser.NullLiteralContext => new NullLiteral(position),
            StreamSqlParser.TrueLiteralContext => new BooleanLiteral(true, position),
            StreamSqlParser.FalseLiteralContext => new BooleanLiteral(false, position),
            StreamSqlParser.NumberLiteralContext number => Number(number.numeric()),
            StreamSqlParser.StringLiteralContext text => new StringLiteral(Text(text.text()), position),
            StreamSqlParser.HexLiteralContext hex => new HexLiteral(hex.Start.Text[2..^1], position),
            StreamSqlParser.ParameterContext parameter => Parameter(parameter.Start, position),
            StreamSqlParser.IntervalLiteralContext interval => new TypedLiteral(
                IntervalType(interval.intervalField(), interval.INTEGER(), position), Text(interval.text()), position),
            StreamSqlParser.TypedLiteralContext typed => new TypedLiteral(LiteralType(typed.literalType()), Text(typed.text()), position),
            StreamSqlParser.CaseContext choice => new CaseExpression(
                Optional(choice.operand),
                [.. choice.whenClause()
                    .Select(w => new WhenClause(Expression(w.condition), Expression(w.result), SourceText.PositionOf(w)))],
                Optional(choice.otherwise), position),
            StreamSqlParser.CastContext cast => new CastExpression(Expression(cast.expression()), DataType(cast.dataType()), position),
            StreamSqlParser.ArrayConstructorContext array => new ArrayExpression(Expressions(array.expression()), position),
            StreamSqlParser.ArrayQueryContext array => new ArrayQueryExpression(Query(array.query()), position),
            StreamSqlParser.MapConstructorContext map => new MapExpression(
                [.. map.mapEntry().Select(e => new MapEntry(Expression(e.key), Expression(e.value), SourceText.PositionOf(e)))], position),
            StreamSqlParser.StructConstructorContext row => new StructExpression(
                [.. row.structField()
                    .Select(f => new StructFieldSyntax(Identifier(f.columnLabel()), Expression(f.expression()), SourceText.PositionOf(f)))],
                    position),
            StreamSqlParser.RowContext row => new RowExpression([.. row.rowItem().Select(RowItem)], position),
            StreamSqlParser.ExistsContext exists => new ExistsExpression(Query(exists.query()), position),
            StreamSqlParser.CallContext call => Call(call.functionCall()),
            StreamSqlParser.ColumnContext column => new ColumnReference(new QualifiedName([Identifier(column.identifier())], position)),
            StreamSqlParser.ScalarQueryContext query => new ScalarQueryExpression(Query(query.query()), position),
            StreamSqlParser.ParenthesisedContext inner => Expression(inner.expression()),
            _ => KeywordCall(rule, position),
        };
    }

    // SQL's functions whose arguments stand between keywords, as plain calls.
    private FunctionCall KeywordCall(StreamSqlParser.PrimaryExpressionContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.ExtractContext extract => BuiltInCall(
            "EXTRACT", position, new StringLiteral(extract.identifier() is { } field ? Identifier(field).Text : Text(extract.text()),
                position), Expression(extract.expression())),
        StreamSqlParser.SubstringContext part => BuiltInCall(
            "SUBSTRING", position, Expression(part.expression(0)),
            part.start is null ? new NumberLiteral("1", NumberKind.Integer, position) : Expression(part.start), Optional(part.length)),
        StreamSqlParser.SubstringSimilarContext part => BuiltInCall(
            "SUBSTRING", position, Expression(part.expression(0)), Expression(part.pattern), Expression(part.escape)),
        StreamSqlParser.PositionContext find => BuiltInCall("POSITION", position, Value(find.needle), Value(find.haystack)),
        StreamSqlParser.TrimContext trim => BuiltInCall(
            trim.LEADING() is not null ? "LTRIM" : trim.TRAILING() is not null ? "RTRIM" : "TRIM", position,
            Expression(trim.expression()[^1]), Optional(trim.characters)),
        StreamSqlParser.OverlayContext overlay => BuiltInCall(
            "OVERLAY", position, Expression(overlay.expression(0)), Expression(overlay.replacement), Expression(overlay.start),
            Optional(overlay.length)),
        _ => throw new InvalidOperationException($"unknown expression syntax {rule.GetType().Name}"),
    };

    private static FunctionCall BuiltInCall(string name, TextPosition position, params IEnumerable<Expression?> arguments) =>
        new(BuiltInName(name, position), [.. arguments.OfType<Expression>()], position);

    private static ParameterExpression Parameter(IToken token, TextPosition position) =>
        int.TryParse(token.Text.AsSpan(1), out var number) && number is >= 1 and <= ushort.MaxValue
            ? new(number - 1, position)
            : throw new SqlException(Npgsql.PostgresErrorCodes.UndefinedParameter, $"there is no parameter {token.Text}",
                position: position);

    private static DataTypeSyntax LiteralType(StreamSqlParser.LiteralTypeContext rule)
    {
        var position = SourceText.PositionOf(rule);
        if (rule.qualifiedName() is { } name)
            return new NamedTypeSyntax(QualifiedName(name), [], position);
        if (rule.DOUBLE() is not null)
            return BuiltInType("DOUBLE", position);
        return rule.CHARACTER() is not null || rule.CHAR() is not null
            ? CharacterType(rule.VARYING() is not null, rule.INTEGER(), position)
            : BuiltInType(TimeType(rule.TIMESTAMP() is not null, rule.WITH() is not null), position, rule.INTEGER());
    }

    private FunctionCall Call(StreamSqlParser.FunctionCallContext rule)
    {
        var position = SourceText.PositionOf(rule);
        var order = rule._within.Count > 0 ? rule._within : rule.sortItem();
        return new FunctionCall(FunctionName(rule.functionName()), [.. rule.argument().Select(Argument)], position)
        {
            IsStar = rule.STAR() is not null,
            IsDistinct = rule.DISTINCT() is not null,
            OrderBy = SortItems(order),
            IsWithinGroup = rule._within.Count > 0,
            IsVariadic = rule.argument() is [.., var last] && last.VARIADIC() is not null,
            Filter = Optional(rule.filter),
            Over = Over(rule),
        };
    }

    private WindowDefinition? Over(StreamSqlParser.FunctionCallContext rule)
    {
        if (rule.windowDefinition() is { } definition)
            return WindowDefinition(definition);
        return rule.identifier() is { } name ? new WindowDefinition(Identifier(name), [], [], null, SourceText.PositionOf(name))
            { IsName = true } : null;
    }

    private static QualifiedName FunctionName(StreamSqlParser.FunctionNameContext rule)
    {
        var parts = rule.identifier().Select(Identifier);
        if (rule.functionKeyword() is { } keyword)
            parts = parts.Append(Name(keyword.Start));
        return new QualifiedName([.. parts], SourceText.PositionOf(rule));
    }

    private Expression Argument(StreamSqlParser.ArgumentContext rule) => rule.lambda() is { } lambda
        ? new LambdaExpression(Identifiers(lambda.identifier()), Expression(lambda.expression()), SourceText.PositionOf(lambda))
        : RowItem(rule.rowItem());

    // (row).* as one value is the row itself.
    private Expression RowItem(StreamSqlParser.RowItemContext rule)
    {
        var expression = Expression(rule.expression());
        return rule.STAR() is not null && expression is ColumnReference column ? new WholeRowReference(column.Name, column.Position)
            : expression;
    }
}
