using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>PostgreSQL's string_agg by what there is: the list of the values that are not NULL, joined; NULL when there is none.</summary>
internal static class StringAggregation
{
    /// <summary>The expression that a call of string_agg(value, delimiter) stands for; null for other calls.</summary>
    public static Expression? Rewrite(FunctionCall call)
    {
        if (call is not { Name.Last.Name: "STRING_AGG", Arguments: [var value, var delimiter] })
            return null;
        var position = call.Position;
        Expression given = new IsNullExpression(value, true, position);
        var filter = call.Filter is null ? given : new LogicalExpression(true, [call.Filter, given], position);
        var text = new CastExpression(value, new NamedTypeSyntax(Named("VARCHAR", position), [], position), position);
        var list = new FunctionCall(Named("COLLECT_LIST", position), [text], position) { Filter = filter, IsDistinct = call.IsDistinct, OrderBy = call.OrderBy };
        var count = new FunctionCall(Named("COUNT", position), [value], position) { Filter = filter };
        var any = new BinaryExpression(">", count, new NumberLiteral("0", NumberKind.Integer, position), position);
        return new CaseExpression(null, [new WhenClause(any, new FunctionCall(Named("ARRAY_JOIN", position), [list, delimiter], position), position)], null, position);
    }

    private static QualifiedName Named(string name, TextPosition position) => new([new Identifier(name, false, position)], position);
}
