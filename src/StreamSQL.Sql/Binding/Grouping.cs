using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>The grouping of a bounded SELECT: makes its plan, and moves the expressions of the other clauses over it.</summary>
/// <param name="keys">The keys over the input.</param>
/// <param name="sets">The grouping sets, or null.</param>
/// <param name="calls">The aggregates over the input.</param>
/// <param name="nameOf">How errors name a column of the input.</param>
internal sealed class Grouping(
    IReadOnlyList<BoundExpression> keys, IReadOnlyList<IReadOnlyList<int>>? sets, IReadOnlyList<AggregateCall> calls,
    Func<BoundColumn, string> nameOf)
{
    private readonly List<int[]> _groupings = [];

    /// <summary>An expression over the groups.</summary>
    /// <exception cref="SqlException">42803: a column that is neither grouped nor aggregated.</exception>
    public BoundExpression Move(BoundExpression expression, TextPosition position) =>
        new KeyedRewriter(keys, keys.Count, column => throw BindingErrors.Grouping(
            $"column \"{nameOf(column)}\" must appear in the GROUP BY clause or be used in an aggregate function", position))
        .Rewrite(new GroupingCalls(this).Rewrite(expression));

    /// <summary>The plan; made when all expressions have been moved.</summary>
    public LogicalAggregate Plan(LogicalPlan input)
    {
        var columns = keys.Select(static (key, i) => new PlanColumn(key is BoundColumn column ? column.Name : $"KEY_{i}", key.Type,
            ColumnRole.Key))
            .Concat(calls.Select(static (call, i) => new PlanColumn($"AGGREGATE_{i}", call.Binding.ResultType, ColumnRole.Value)))
            .Concat(_groupings.Select(static (_, i) => new PlanColumn($"GROUPING_{i}", SqlType.Integer, ColumnRole.Value)));
        return new LogicalAggregate(input, keys, calls, null, false, new PlanSchema([.. columns], RelationKind.Rows))
            { GroupingSets = sets, Groupings = _groupings };
    }

    private BoundExpression Place(GroupingReference reference)
    {
        int[] arguments = [.. reference.Arguments.Select(argument => IndexOf(argument, reference.Position))];
        if (sets is null)
            return new BoundLiteral(0, SqlType.Integer);
        var index = _groupings.FindIndex(known => known.SequenceEqual(arguments));
        if (index < 0)
        {
            index = _groupings.Count;
            _groupings.Add(arguments);
        }

        // GROUPING stands behind the aggregates.
        return new AggregateReference(calls.Count + index, SqlType.Integer);
    }

    private int IndexOf(BoundExpression argument, TextPosition position)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (BoundExpressionComparer.AreSame(keys[i], argument))
                return i;
        }

        throw BindingErrors.Grouping("arguments to GROUPING must be grouping expressions of the associated query level", position);
    }

    private sealed class GroupingCalls(Grouping owner) : ExpressionRewriter
    {
        protected override BoundExpression? Replace(BoundExpression expression) =>
            expression is GroupingReference reference ? owner.Place(reference) : null;

        // A sub-query is a key only if it is the very same.
        protected override BoundExpression RewriteSubquery(BoundSubquery subquery) => subquery;
    }
}
