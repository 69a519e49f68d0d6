using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// The bound clauses of a bounded SELECT, and its plan so far. Each step of <see cref="SelectPlanner"/> puts an operator on the plan and
/// moves the expressions of the clauses that are still to come over its rows.
/// </summary>
/// <param name="select">The SELECT.</param>
/// <param name="calls">Its functions that give rows, by PostgreSQL's rules, of all clauses.</param>
internal sealed class SelectParts(SelectBody select, TableCallCollector calls)
{
    public SelectBody Select { get; } = select;

    public required LogicalPlan Plan { get; set; }

    /// <summary>The select list.</summary>
    public required IReadOnlyList<BoundItem> Items { get; set; }

    public required IReadOnlyList<(SortItem Item, BoundExpression Key)> Sort { get; set; }

    public required IReadOnlyList<BoundExpression> DistinctOn { get; set; }

    /// <summary>The keys of GROUP BY.</summary>
    public required IReadOnlyList<BoundExpression> Keys { get; set; }

    /// <summary>Its grouping sets, as indexes of keys; null when there is one set of all keys.</summary>
    public required IReadOnlyList<IReadOnlyList<int>>? GroupingSets { get; init; }

    public required BoundExpression? Having { get; set; }

    public required IReadOnlyList<AggregateCall> Aggregates { get; init; }

    public required IReadOnlyList<CollectedWindowCall> Windows { get; set; }

    /// <summary>Where the functions that give rows go.</summary>
    public TableCallPlacement Calls { get; } = new(calls);

    public bool IsGrouped => Aggregates.Count > 0 || Having is not null || Select.GroupBy.Count > 0;

    /// <summary>Moves what is put out, and what it is sorted by, over the rows of a new operator.</summary>
    /// <param name="move">The expression over the new rows; the position is for its errors.</param>
    public void Move(Func<BoundExpression, TextPosition, BoundExpression> move)
    {
        Items = [.. Items.Select(item => item with { Expression = move(item.Expression, item.Position) })];
        Sort = [.. Sort.Select(sort => (sort.Item, move(sort.Key, sort.Item.Position)))];
        DistinctOn = [.. DistinctOn.Select(expression => move(expression, Select.Position))];
        Calls.MoveArguments(expression => move(expression, calls.Position));
    }
}
