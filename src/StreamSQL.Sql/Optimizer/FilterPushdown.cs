using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>
/// Moves conditions towards the sources: through projections, to the side of a bounded join that they speak of, below a bounded grouping
/// when they speak of group keys only. Continuous plans are left alone but for projections: there a
/// filter's place decides which changes become tombstones.
/// </summary>
internal static class FilterPushdown
{
    /// <summary>Rewrites a plan and the plans of its sub-queries.</summary>
    public static LogicalPlan Run(LogicalPlan plan)
    {
        var subqueries = new SubqueryPlans(Run);
        return Push(plan);

        LogicalPlan Push(LogicalPlan node)
        {
            var rewritten = node.MapInputs(Push).MapExpressions(subqueries.Rewrite);
            return rewritten is LogicalFilter filter ? PushFilter(filter.Input, [.. Conjunctions.Split(filter.Predicate)]) : rewritten;
        }
    }

    private static LogicalPlan PushFilter(LogicalPlan input, List<BoundExpression> conditions) => input switch
    {
        LogicalFilter below => PushFilter(below.Input, [.. Conjunctions.Split(below.Predicate), .. conditions]),
        LogicalProject project when IsBounded(project) => ThroughProject(project, conditions),
        LogicalJoin { Kind: not (JoinKind.Right or JoinKind.Full) } join when IsBounded(join) => IntoJoin(join, conditions),
        LogicalAggregate { Keys.Count: > 0, GroupingSets: null } aggregate when IsBounded(aggregate) =>
            BelowAggregate(aggregate, conditions),
        LogicalExpand expand when IsBounded(expand) =>
            Below(expand, expand.Input, index => index < expand.Kept.Count ? expand.Kept[index] : -1, conditions,
                static (node, below) => node with { Input = below }),
        LogicalApply apply =>
            Below(apply, apply.Input, index => index < apply.Input.Schema.Columns.Count ? index : -1, conditions,
                static (node, below) => node with { Input = below }),
        _ => Keep(input, conditions),
    };

    private static bool IsBounded(LogicalPlan plan) => plan.Schema.Kind == RelationKind.Rows;

    private static LogicalPlan Keep(LogicalPlan input, List<BoundExpression> conditions) =>
        Conjunctions.Combine(conditions) is { } predicate ? new LogicalFilter(input, predicate) : input;

    private static LogicalPlan ThroughProject(LogicalProject project, List<BoundExpression> conditions)
    {
        var stay = new List<BoundExpression>();
        var move = new List<BoundExpression>();
        var substitution = new ColumnSubstitution(index => project.Expressions[index]);
        foreach (var condition in conditions)
        {
            var (columns, hasSubquery) = ColumnUse.Of(condition);
            var cheap = columns.All(index => project.Expressions[index] is BoundColumn or BoundLiteral or BoundPseudoColumn);
            if (cheap && !hasSubquery)
                move.Add(substitution.Rewrite(condition));
            else
                stay.Add(condition);
        }

        return Keep(move.Count == 0 ? project : project with { Input = PushFilter(project.Input, move) }, stay);
    }

    private static LogicalPlan IntoJoin(LogicalJoin join, List<BoundExpression> conditions)
    {
        var leftCount = join.Left.Schema.Columns.Count;
        var (left, right, stay) = (new List<BoundExpression>(), new List<BoundExpression>(), new List<BoundExpression>());
        foreach (var condition in conditions)
        {
            var (columns, hasSubquery) = ColumnUse.Of(condition);
            if (hasSubquery || columns.Count == 0)
                stay.Add(condition);
            else if (columns.All(index => index < leftCount))
                left.Add(condition);
            else if (join.Kind == JoinKind.Inner && columns.All(index => index >= leftCount))
                right.Add(ColumnSubstitution.Renumber(condition, index => index - leftCount));
            else
                stay.Add(condition);
        }

        if (join.Kind == JoinKind.Inner)
            (join, stay) = AddKeys(join, stay);
        if (left.Count + right.Count == 0)
            return Keep(join, stay);
        return Keep(
            join with
            {
                Left = left.Count == 0 ? join.Left : PushFilter(join.Left, left),
                Right = right.Count == 0 ? join.Right : PushFilter(join.Right, right),
            },
            stay);
    }

    // FROM a, b WHERE a.x = b.x is a join on x.
    private static (LogicalJoin Join, List<BoundExpression> Others) AddKeys(LogicalJoin join, List<BoundExpression> conditions)
    {
        if (Conjunctions.Combine(conditions) is not { } predicate)
            return (join, conditions);
        var condition = JoinCondition.Of(predicate, join.Left.Schema.Columns.Count);
        return (
            join with { LeftKeys = [.. join.LeftKeys, .. condition.LeftKeys], RightKeys = [.. join.RightKeys, .. condition.RightKeys] },
            condition.Residual is null ? [] : [.. Conjunctions.Split(condition.Residual)]);
    }

    // What speaks of the input's columns alone can be asked before the rows are multiplied.
    private static LogicalPlan Below<T>(T node, LogicalPlan input, Func<int, int> inputColumn, List<BoundExpression> conditions,
        Func<T, LogicalPlan, T> rebuild)
        where T : LogicalPlan
    {
        var (move, stay) = (new List<BoundExpression>(), new List<BoundExpression>());
        foreach (var condition in conditions)
        {
            var (columns, hasSubquery) = ColumnUse.Of(condition);
            if (!hasSubquery && columns.Count > 0 && columns.All(index => inputColumn(index) >= 0))
                move.Add(ColumnSubstitution.Renumber(condition, inputColumn));
            else
                stay.Add(condition);
        }

        return Keep(move.Count == 0 ? node : rebuild(node, PushFilter(input, move)), stay);
    }

    private static LogicalPlan BelowAggregate(LogicalAggregate aggregate, List<BoundExpression> conditions)
    {
        var (move, stay) = (new List<BoundExpression>(), new List<BoundExpression>());
        var substitution = new ColumnSubstitution(index => aggregate.Keys[index]);
        foreach (var condition in conditions)
        {
            var (columns, hasSubquery) = ColumnUse.Of(condition);
            if (!hasSubquery && columns.Count > 0 && columns.All(index => index < aggregate.Keys.Count))
                move.Add(substitution.Rewrite(condition));
            else
                stay.Add(condition);
        }

        return Keep(move.Count == 0 ? aggregate : aggregate with { Input = PushFilter(aggregate.Input, move) }, stay);
    }
}
