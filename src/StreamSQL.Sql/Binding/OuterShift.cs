using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>Moves a plan to a query further in: what it reads of the queries around it is then so many levels further out.</summary>
internal sealed class OuterShift : ExpressionRewriter
{
    private readonly int _levels;

    private OuterShift(int levels) => _levels = levels;

    /// <summary>The plan, that many levels further in.</summary>
    public static LogicalPlan Apply(LogicalPlan plan, int levels) => levels == 0
        || !OuterReferences.Any(plan) ? plan : new OuterShift(levels).Visit(plan);

    /// <inheritdoc/>
    protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column) =>
        column.Depth > Depth ? column with { Depth = column.Depth + _levels } : column;

    private LogicalPlan Visit(LogicalPlan plan) => plan.MapInputs(Visit).MapExpressions(Rewrite);
}
