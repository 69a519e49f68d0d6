using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Binds the clauses of a bounded SELECT over the rows of FROM and WHERE, in the order in which they may name each other: the select list,
/// GROUP BY, HAVING, DISTINCT ON and ORDER BY.
/// </summary>
/// <param name="queries">Plans sub-queries.</param>
/// <param name="scope">The columns of FROM.</param>
/// <param name="select">The SELECT.</param>
internal sealed class SelectBinder(QueryPlanner queries, Scope scope, SelectBody select)
{
    private readonly BindingContext _context = queries.Context;
    private readonly AggregateCollector _aggregates = new();
    private readonly TableCallCollector _rows = new();
    private readonly WindowCollector _windows = new(queries.Context);

    private bool IsKsql => _context.Rules == RuleSet.Ksql;

    // ksqlDB knows table functions in the select list only.
    private TableCallCollector? RowsBehindList => IsKsql ? null : _rows;

    public SelectParts Bind(LogicalPlan plan, IReadOnlyList<SortItem> orderBy)
    {
        var binder = new ExpressionBinder(_context, scope, queries) { Aggregates = _aggregates, Windows = _windows };
        _windows.Define(select.NamedWindows, binder.ForWindowDefinitions());
        var items = BindItems();
        if (IsKsql)
            (plan, items) = ExpandRows(plan, items);
        var (keys, sets) = BindGroupBy(items);
        var having = select.Having is null ? null
            : new ExpressionBinder(_context, scope, queries) { Aggregates = _aggregates, Clause = "HAVING" }.BindCondition(select.Having);
        binder = new ExpressionBinder(_context, scope, queries)
            { Aggregates = _aggregates, Windows = _windows, TableCalls = RowsBehindList, IsBehindList = true };
        BoundExpression OfList(Expression syntax, string clause) => OutputItem(syntax, items, clause)?.Expression ?? binder.Bind(syntax);
        var distinctOn = select.DistinctOn.Select(syntax => OfList(syntax, "DISTINCT ON")).ToList();
        var sort = orderBy.Select(item => (item, OfList(item.Expression, "ORDER BY"))).ToList();
        return new SelectParts(select, RowsBehindList ?? new TableCallCollector())
        {
            Plan = plan,
            Items = items,
            Keys = keys,
            GroupingSets = sets,
            Having = having,
            DistinctOn = distinctOn,
            Sort = sort,
            Aggregates = _aggregates.Calls,
            Windows = _windows.Calls,
        };
    }

    private List<BoundItem> BindItems() => SelectItems.Bind(
        select.Items,
        new ExpressionBinder(_context, scope, queries) { Aggregates = _aggregates, TableCalls = _rows, Windows = _windows },
        scope, _context, IsKsql ? new KsqlColumnNames(scope, showsWindow: true) : PostgresColumnNames.Instance);

    private (LogicalPlan Plan, List<BoundItem> Items) ExpandRows(LogicalPlan plan, List<BoundItem> items)
    {
        if (!_rows.IsEmpty && (select.GroupBy.Count > 0 || _aggregates.Calls.Count > 0 || _windows.Calls.Count > 0))
            throw BindingErrors.NotSupported("Table functions cannot be used with aggregations.", _rows.Position,
                "Group the rows of a sub-query.");
        return _rows.Expand(plan, items);
    }

    private (IReadOnlyList<BoundExpression> Keys, IReadOnlyList<IReadOnlyList<int>>? Sets) BindGroupBy(List<BoundItem> items)
    {
        var binder = new ExpressionBinder(_context, scope, queries)
            { Clause = "GROUP BY", TableCalls = RowsBehindList, IsBehindList = true };
        var sets = new GroupingSetsBinder(expression => GroupKey(expression, binder, items));
        var bound = sets.Bind(select.GroupBy, select.IsGroupByDistinct);
        return (sets.Keys, bound);
    }

    // A name means a column of FROM first, a column of the result second; a number always the result's.
    private BoundExpression GroupKey(Expression syntax, ExpressionBinder binder, List<BoundItem> items)
    {
        var isInput = syntax is ColumnReference reference && scope.Find(reference.Name, _context.Rules) is not null;
        if (isInput || OutputItem(syntax, items, "GROUP BY") is not { } item)
            return binder.Known(binder.Bind(syntax), syntax.Position);
        if (Contains<AggregateReference>.In(item.Expression))
            throw BindingErrors.Grouping("aggregate functions are not allowed in GROUP BY", syntax.Position);
        if (Contains<WindowReference>.In(item.Expression))
            throw BindingErrors.Windowing("window functions are not allowed in GROUP BY", syntax.Position);
        return binder.Known(item.Expression, syntax.Position);
    }

    private BoundItem? OutputItem(Expression syntax, List<BoundItem> items, string clause)
    {
        var index = QueryPlanner.OutputColumn(
            syntax, [.. items.Select(static i => new PlanColumn(i.Name, i.Expression.Type, ColumnRole.Value))], _context, clause,
            (one, other) => BoundExpressionComparer.AreSame(items[one].Expression, items[other].Expression));
        return index is { } at ? items[at] : null;
    }
}
