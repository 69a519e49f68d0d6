using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>Whether an expression of a kind stands in another one.</summary>
internal sealed class Contains<T> : ExpressionRewriter
    where T : BoundExpression
{
    private bool _found;

    public static bool In(BoundExpression expression)
    {
        var visitor = new Contains<T>();
        visitor.Rewrite(expression);
        return visitor._found;
    }

    /// <inheritdoc/>
    protected override BoundExpression? Replace(BoundExpression expression)
    {
        _found |= expression is T;
        return null;
    }
}
