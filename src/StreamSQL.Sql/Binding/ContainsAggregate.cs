using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>Whether an aggregate stands in an expression.</summary>
internal sealed class ContainsAggregate : ExpressionRewriter
{
    private bool _found;

    public static bool In(BoundExpression expression)
    {
        var visitor = new ContainsAggregate();
        visitor.Rewrite(expression);
        return visitor._found;
    }

    /// <inheritdoc/>
    protected override BoundExpression? Replace(BoundExpression expression)
    {
        _found |= expression is AggregateReference;
        return null;
    }
}
