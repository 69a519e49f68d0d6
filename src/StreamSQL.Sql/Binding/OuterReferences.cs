using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>Finds out whether a sub-query's plan reads rows of the queries around it.</summary>
internal sealed class OuterReferences : ExpressionRewriter
{
    private bool _found;

    public static bool Any(LogicalPlan plan)
    {
        var visitor = new OuterReferences();
        visitor.Visit(plan);
        return visitor._found;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
    {
        _found |= column.Depth > Depth;
        return column;
    }

    private LogicalPlan Visit(LogicalPlan plan) => plan.MapInputs(Visit).MapExpressions(Rewrite);
}
