using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Walks over expressions as they were written.</summary>
internal static class ExpressionParts
{
    /// <summary>An expression and all in it, but for sub-queries.</summary>
    public static IEnumerable<Expression> Of(Expression expression)
    {
        var open = new Stack<Expression>([expression]);
        while (open.TryPop(out var next))
        {
            yield return next;
            foreach (var part in Direct(next))
                open.Push(part);
        }
    }

    private static IEnumerable<Expression> Direct(Expression expression) => expression switch
    {
        FieldAccess field => [field.Operand],
        SubscriptExpression item => [item.Operand, item.Index],
        UnaryExpression unary => [unary.Operand],
        BinaryExpression binary => [binary.Left, binary.Right],
        LogicalExpression logical => logical.Operands,
        NotExpression not => [not.Operand],
        IsNullExpression test => [test.Operand],
        IsBooleanExpression test => [test.Operand],
        IsDistinctExpression test => [test.Left, test.Right],
        BetweenExpression between => [between.Operand, between.Lower, between.Upper],
        LikeExpression like => [like.Operand, like.Pattern],
        InListExpression list => [list.Operand, .. list.Items],
        QuantifiedExpression quantified => [quantified.Operand, quantified.Array],
        CaseExpression choice =>
        [
            .. choice.Operand is null ? (Expression[])[] : [choice.Operand],
            .. choice.Branches.SelectMany(static branch => (Expression[])[branch.Condition, branch.Result]),
            .. choice.Else is null ? (Expression[])[] : [choice.Else],
        ],
        CastExpression cast => [cast.Operand],
        CollateExpression collate => [collate.Operand],
        AtTimeZoneExpression zone => [zone.Operand, zone.Zone],
        ArrayExpression array => array.Elements,
        MapExpression map => map.Entries.SelectMany(static entry => (Expression[])[entry.Key, entry.Value]),
        StructExpression row => row.Fields.Select(static field => field.Value),
        RowExpression row => row.Elements,
        LambdaExpression lambda => [lambda.Body],
        FunctionCall call => call.Arguments,
        _ => [],
    };
}
