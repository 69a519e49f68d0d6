using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Plans;

/// <summary>Rebuilds plan nodes with other inputs or expressions. What does not change is returned as the same object.</summary>
public static class PlanMapping
{
    /// <summary>The node over mapped inputs; the plan of a common table is none of them.</summary>
    public static LogicalPlan MapInputs(this LogicalPlan plan, Func<LogicalPlan, LogicalPlan> map)
    {
        switch (plan)
        {
            case LogicalFilter filter:
                return Keep(filter, filter.Input, map(filter.Input), static (node, input) => new LogicalFilter(input, node.Predicate));
            case LogicalSort sort:
                return Keep(sort, sort.Input, map(sort.Input), static (node, input) => new LogicalSort(input, node.Keys));
            case LogicalLimit limit:
                return Keep(limit, limit.Input, map(limit.Input), static (node, input) => new LogicalLimit(input, node.Count, node.Offset));
            case LogicalDistinct distinct:
                return Keep(distinct, distinct.Input, map(distinct.Input), static (node, input) => new LogicalDistinct(input, node.On));
            case LogicalProject project:
                return Keep(project, project.Input, map(project.Input), static (node, input) => node with { Input = input });
            case LogicalRekey rekey:
                return Keep(rekey, rekey.Input, map(rekey.Input), static (node, input) => node with { Input = input });
            case LogicalExpand expand:
                return Keep(expand, expand.Input, map(expand.Input), static (node, input) => node with { Input = input });
            case LogicalApply apply:
                return Keep(apply, apply.Input, map(apply.Input), static (node, input) => node with { Input = input });
            case LogicalRecursion recursion:
                var (start, step) = (map(recursion.Start), map(recursion.Step));
                return ReferenceEquals(start, recursion.Start)
                    && ReferenceEquals(step, recursion.Step) ? recursion : recursion with { Start = start, Step = step };
            case LogicalAggregate aggregate:
                return Keep(aggregate, aggregate.Input, map(aggregate.Input), static (node, input) => node with { Input = input });
            case LogicalWindow window:
                return Keep(window, window.Input, map(window.Input), static (node, input) => node with { Input = input });
            case LogicalJoin join:
                var (left, right) = (map(join.Left), map(join.Right));
                return ReferenceEquals(left, join.Left)
                    && ReferenceEquals(right, join.Right) ? join : join with { Left = left, Right = right };
            case LogicalSetOperation set:
                var (first, second) = (map(set.Left), map(set.Right));
                return ReferenceEquals(first, set.Left)
                    && ReferenceEquals(second, set.Right) ? set : set with { Left = first, Right = second };
            case LogicalLeaf or LogicalCommonTable:
                return plan;
            default:
                throw new InvalidOperationException($"unknown plan node {plan.GetType().Name}");
        }
    }

    /// <summary>The node with each of its own expressions mapped.</summary>
    public static LogicalPlan MapExpressions(this LogicalPlan plan, Func<BoundExpression, BoundExpression> map)
    {
        BoundExpression? MapOptional(BoundExpression? expression) => expression is null ? null : map(expression);
        IReadOnlyList<BoundExpression> MapAll(IReadOnlyList<BoundExpression> expressions) => expressions.Select(map).ToArray();

        return plan switch
        {
            LogicalScan { Access: { } access } scan => scan with { Access = MapAccess(access, map) },
            LogicalValues values => values with { Rows = values.Rows.Select(MapAll).ToArray() },
            LogicalApply apply => apply with { Rows = map(apply.Rows) },
            LogicalFilter filter => filter with { Predicate = map(filter.Predicate) },
            LogicalProject project => project with { Expressions = MapAll(project.Expressions) },
            LogicalRekey rekey => rekey with { Keys = MapAll(rekey.Keys) },
            LogicalExpand expand => expand with { Calls = expand.Calls.Select(call => call with { Arguments = MapAll(call.Arguments) })
                .ToArray() },
            LogicalAggregate aggregate => aggregate with
            {
                Keys = MapAll(aggregate.Keys),
                Aggregates = aggregate.Aggregates
                    .Select(call => call with { Arguments = MapAll(call.Arguments), Filter = MapOptional(call.Filter),
                        OrderBy = MapKeys(call.OrderBy, map) }).ToArray(),
            },
            LogicalWindow window => window with
            {
                PartitionBy = MapAll(window.PartitionBy),
                OrderBy = MapKeys(window.OrderBy, map),
                Calls = window.Calls.Select(call => MapCall(call, map)).ToArray(),
            },
            LogicalJoin join => join with { LeftKeys = MapAll(join.LeftKeys), RightKeys = MapAll(join.RightKeys),
                Residual = MapOptional(join.Residual) },
            LogicalSort sort => sort with { Keys = MapKeys(sort.Keys, map) },
            LogicalLimit limit => limit with { Count = MapOptional(limit.Count), Offset = MapOptional(limit.Offset) },
            LogicalDistinct { On: { } on } distinct => distinct with { On = MapAll(on) },
            _ => plan,
        };
    }

    private static SortKey[] MapKeys(IReadOnlyList<SortKey> keys, Func<BoundExpression, BoundExpression> map) =>
        keys.Select(key => key with { Expression = map(key.Expression) }).ToArray();

    /// <summary>A window function's call with its expressions mapped.</summary>
    public static WindowCall MapCall(WindowCall call, Func<BoundExpression, BoundExpression> map)
    {
        FrameEdge MapEdge(FrameEdge edge) => edge.Offset is null ? edge : edge with { Offset = map(edge.Offset) };

        return call with
        {
            Arguments = call.Arguments.Select(map).ToArray(),
            Filter = call.Filter is null ? null : map(call.Filter),
            Frame = call.Frame with { Start = MapEdge(call.Frame.Start), End = MapEdge(call.Frame.End) },
        };
    }

    private static KeyAccess MapAccess(KeyAccess access, Func<BoundExpression, BoundExpression> map)
    {
        KeyBound? MapBound(KeyBound? bound) => bound is null ? null : bound with { Value = map(bound.Value) };
        BoundRange MapRange(BoundRange range) => new(MapBound(range.Lower), MapBound(range.Upper));

        return new(
            access.Points?.Select(point => (IReadOnlyList<BoundExpression>)point.Select(map).ToArray()).ToArray(),
            MapBound(access.Lower), MapBound(access.Upper), MapRange(access.WindowStart), MapRange(access.WindowEnd))
        {
            Pattern = access.Pattern is null ? null : map(access.Pattern),
        };
    }

    private static LogicalPlan Keep<T>(T node, LogicalPlan before, LogicalPlan after, Func<T, LogicalPlan, LogicalPlan> rebuild)
        where T : LogicalPlan => ReferenceEquals(before, after) ? node : rebuild(node, after);
}
