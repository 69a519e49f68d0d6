using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Walks the expressions of a plan.</summary>
internal static class PlanExpressions
{
    /// <summary>The sub-queries in the expressions of a plan, not those inside of other sub-queries.</summary>
    public static IEnumerable<BoundSubquery> Subqueries(LogicalPlan plan) =>
        Of(plan).SelectMany(Subqueries).Concat(plan.Inputs.SelectMany(Subqueries));

    /// <summary>Whether a plan reads ROWTIME or the like, leaving sub-queries aside: those cannot read it of an enclosing query.</summary>
    public static bool ReadPseudoColumns(LogicalPlan plan) => Of(plan).Any(ReadPseudoColumns) || plan.Inputs.Any(ReadPseudoColumns);

    private static bool ReadPseudoColumns(BoundExpression expression) =>
        expression is BoundPseudoColumn || Children(expression).Any(ReadPseudoColumns);

    private static IEnumerable<BoundExpression> Of(LogicalPlan plan) => plan switch
    {
        LogicalFilter filter => [filter.Predicate],
        LogicalProject project => project.Expressions,
        LogicalRekey rekey => rekey.Keys,
        LogicalExpand expand => expand.Calls.SelectMany(static call => call.Arguments),
        LogicalWindow window => window.Calls.SelectMany(static call => call.Arguments),
        LogicalAggregate aggregate => [.. aggregate.Keys, .. aggregate.Aggregates.SelectMany(Of)],
        LogicalJoin join => [.. join.LeftKeys, .. join.RightKeys, .. Optional(join.Residual)],
        LogicalSort sort => sort.Keys.Select(static key => key.Expression),
        LogicalDistinct distinct => distinct.On ?? [],
        LogicalValues values => values.Rows.SelectMany(static row => row),
        LogicalApply apply => [apply.Rows],
        LogicalLimit limit => [.. Optional(limit.Count), .. Optional(limit.Offset)],
        _ => [],
    };

    private static IEnumerable<BoundExpression> Of(AggregateCall call) =>
        [.. call.Arguments, .. Optional(call.Filter), .. call.OrderBy.Select(static key => key.Expression)];

    private static IEnumerable<BoundExpression> Optional(BoundExpression? expression) => expression is null ? [] : [expression];

    private static IEnumerable<BoundSubquery> Subqueries(BoundExpression expression)
    {
        if (expression is BoundSubquery subquery)
            return [subquery, .. subquery.Operand is null ? [] : Subqueries(subquery.Operand)];
        return Children(expression).SelectMany(Subqueries);
    }

    private static IEnumerable<BoundExpression> Children(BoundExpression expression) => expression switch
    {
        BoundCall call => call.Arguments,
        BoundLambdaCall call => [.. call.Arguments, .. call.Lambdas.Select(static lambda => lambda.Body)],
        BoundLogical logical => logical.Operands,
        BoundNot not => [not.Operand],
        BoundIsNull isNull => [isNull.Operand],
        BoundCase choice => [.. choice.Branches.SelectMany(static branch => new[] { branch.Condition, branch.Result }),
            .. Optional(choice.Else)],
        BoundCoalesce coalesce => coalesce.Arguments,
        _ => [],
    };
}
