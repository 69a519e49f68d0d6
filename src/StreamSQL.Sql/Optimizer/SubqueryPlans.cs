using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Applies a pass to the plans of the sub-queries that stand directly in an expression.</summary>
internal sealed class SubqueryPlans(Func<LogicalPlan, LogicalPlan> pass) : ExpressionRewriter
{
    /// <inheritdoc/>
    protected override BoundExpression RewriteSubquery(BoundSubquery subquery) =>
        subquery with { Operand = subquery.Operand is null ? null : Rewrite(subquery.Operand), Plan = pass(subquery.Plan) };
}
