using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans a bounded SELECT: FROM, WHERE, GROUP BY, HAVING, the select list, DISTINCT, ORDER BY.</summary>
internal sealed class SelectPlanner(QueryPlanner queries)
{
    private readonly BindingContext _context = queries.Context;

    public LogicalPlan Plan(SelectBody select, IReadOnlyList<SortItem> orderBy, Scope? outer)
    {
        RequireBounded(select);
        var from = new BoundedFrom(queries).Plan(select.From, outer);
        var scope = from.Scope.Around(outer);
        var plan = from.Plan;
        if (select.Where is { } where)
            plan = new LogicalFilter(plan, new ExpressionBinder(_context, scope, queries) { Clause = "WHERE" }.BindCondition(where));

        var aggregates = new AggregateCollector();
        var rows = new TableCallCollector();
        var windows = new WindowCollector(_context);
        var binder = new ExpressionBinder(_context, scope, queries) { Aggregates = aggregates, Windows = windows };
        windows.Define(select.NamedWindows, binder.ForWindowDefinitions());
        var items = SelectItems.Bind(
            select.Items, new ExpressionBinder(_context, scope, queries) { Aggregates = aggregates, TableCalls = rows, Windows = windows },
            scope, _context,
            _context.Rules == RuleSet.Ksql ? new KsqlColumnNames(scope, showsWindow: true) : PostgresColumnNames.Instance);
        var isKsql = _context.Rules == RuleSet.Ksql;
        if (isKsql && !rows.IsEmpty && (select.GroupBy.Count > 0 || aggregates.Calls.Count > 0 || windows.Calls.Count > 0))
            throw BindingErrors.NotSupported("Table functions cannot be used with aggregations.", rows.Position,
                "Group the rows of a sub-query.");
        if (isKsql)
            (plan, items) = rows.Expand(plan, items);
        var sets = GroupingSets(select, scope, items, isKsql ? null : rows);
        var having = select.Having is null ? null
            : new ExpressionBinder(_context, scope, queries) { Aggregates = aggregates, Clause = "HAVING" }.BindCondition(select.Having);
        binder = new ExpressionBinder(_context, scope, queries)
            { Aggregates = aggregates, Windows = windows, TableCalls = isKsql ? null : rows, IsBehindList = true };
        var distinctOn = select.DistinctOn.Select(e => OutputItem(e, items, "DISTINCT ON")?.Expression ?? binder.Bind(e)).ToList();
        var sort = orderBy.Select(item => (Item: item,
            Key: OutputItem(item.Expression, items, "ORDER BY")?.Expression ?? binder.Bind(item.Expression))).ToList();

        var windowCalls = windows.Calls;
        var calls = new TableCallPlacement(isKsql ? new TableCallCollector() : rows);
        void MoveAll(Func<BoundExpression, TextPosition, BoundExpression> move)
        {
            items = [.. items.Select(item => item with { Expression = move(item.Expression, item.Position) })];
            sort = [.. sort.Select(s => (s.Item, move(s.Key, s.Item.Position)))];
            distinctOn = [.. distinctOn.Select(e => move(e, select.Position))];
            calls.MoveArguments(e => move(e, rows.Position));
        }

        if (aggregates.Calls.Count > 0 || having is not null || select.GroupBy.Count > 0)
        {
            if (!calls.IsDone)
            {
                plan = calls.Expand(plan, sets.Keys);
                sets.Keys = [.. sets.Keys.Select(calls.Place)];
                MoveAll((e, _) => calls.Place(e));
            }

            var grouping = new Grouping(sets.Keys, sets.Sets, aggregates.Calls, column => NameOf(column, scope));
            windowCalls = [.. windowCalls.Select(call => call.Map(e => grouping.Move(e, call.Position)))];
            having = having is null ? null : grouping.Move(having, select.Having!.Position);
            MoveAll(grouping.Move);
            plan = grouping.Plan(plan);
        }
        else if (items.Select(static item => item.Expression).Concat(sort.Select(static s => s.Key)).Any(Contains<GroupingReference>.In))
        {
            throw BindingErrors.Grouping("arguments to GROUPING must be grouping expressions of the associated query level",
                select.Position);
        }

        if (having is not null)
            plan = new LogicalFilter(plan, having);
        if (windowCalls.Count > 0)
        {
            (plan, var place) = WindowPlanner.Plan(plan, windowCalls);
            MoveAll((e, _) => place(e));
        }

        if (!calls.IsDone)
        {
            plan = calls.Expand(plan);
            MoveAll((e, _) => calls.Place(e));
        }

        return Finish(plan, select, items, distinctOn, sort);
    }

    private string NameOf(BoundColumn column, Scope scope) => _context.Rules == RuleSet.Ksql ? column.Name
        : scope.Columns.FirstOrDefault(c => c.Index == column.Index)?.Relation is { } relation
            ? $"{DisplayName.Of(relation)}.{DisplayName.Of(column.Name)}"
        : DisplayName.Of(column.Name);

    private static void RequireBounded(SelectBody select)
    {
        if (select.Window is { } window)
            throw BindingErrors.NotSupported("WINDOW needs a continuous query", window.Position,
                "Add EMIT CHANGES, or read a windowed table.");
        if (select.PartitionBy.Count > 0)
            throw BindingErrors.NotSupported("PARTITION BY needs a continuous query", select.PartitionBy[0].Position, "Add EMIT CHANGES.");
    }

    private static BoundItem? OutputItem(IReadOnlyList<BoundItem> items, int? index) => index is { } at ? items[at] : null;

    private BoundItem? OutputItem(Expression syntax, List<BoundItem> items, string clause) => OutputItem(items, QueryPlanner.OutputColumn(
        syntax, [.. items.Select(static i => new PlanColumn(i.Name, i.Expression.Type, ColumnRole.Value))], _context, clause,
        (one, other) => BoundExpressionComparer.AreSame(items[one].Expression, items[other].Expression)));

    private (IReadOnlyList<BoundExpression> Keys, IReadOnlyList<IReadOnlyList<int>>? Sets) GroupingSets(
        SelectBody select, Scope scope, List<BoundItem> items, TableCallCollector? rows)
    {
        var binder = new ExpressionBinder(_context, scope, queries) { Clause = "GROUP BY", TableCalls = rows, IsBehindList = true };
        var sets = new GroupingSetsBinder(expression => GroupKey(expression, binder, scope, items));
        var bound = sets.Bind(select.GroupBy, select.IsGroupByDistinct);
        return (sets.Keys, bound);
    }

    // A name means a column of FROM first, a column of the result second; a number always the result's.
    private BoundExpression GroupKey(Expression syntax, ExpressionBinder binder, Scope scope, List<BoundItem> items)
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

    private static LogicalPlan Finish(
        LogicalPlan plan, SelectBody select, List<BoundItem> items, List<BoundExpression> distinctOn,
        List<(SortItem Item, BoundExpression Key)> sort)
    {
        // What is sorted by but not shown is computed as well, and dropped at the end.
        var computed = items.Select(static item => item.Expression).ToList();
        int ColumnOf(BoundExpression expression)
        {
            // A place or a name of the list stands for its very value, also of what is never twice the same.
            var index = computed.FindIndex(known => ReferenceEquals(known, expression)
                || BoundExpressionComparer.AreSame(known, expression));
            if (index >= 0)
                return index;
            computed.Add(expression);
            return computed.Count - 1;
        }

        var keys = sort.Select(s => (s.Item, Column: ColumnOf(s.Key))).ToList();
        var on = distinctOn.Select(ColumnOf).ToList();
        if (select.IsDistinct && computed.Count > items.Count)
            throw BindingErrors.ColumnReference("for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                sort[0].Item.Position);
        if (keys.Take(on.Count).FirstOrDefault(key => !on.Contains(key.Column)) is { Item: { } unmatched })
            throw BindingErrors.ColumnReference("SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                unmatched.Position);

        var names = items.Select(static item => item.Name).ToList();
        PlanColumn Column(int i) => new(i < names.Count ? names[i] : $"SORT_{i}", computed[i].Type, ColumnRole.Value);
        BoundColumn Reference(int i) => new(i, Column(i).Name, computed[i].Type);
        plan = new LogicalProject(plan, computed,
            new PlanSchema([.. Enumerable.Range(0, computed.Count).Select(Column)], RelationKind.Rows));
        if (select.IsDistinct)
            plan = new LogicalDistinct(plan, null);
        if (keys.Count > 0)
            plan = new LogicalSort(plan, [.. keys.Select(key => QueryPlanner.SortOrder(key.Item, Reference(key.Column)))]);
        // DISTINCT ON keeps the first row of each key in the order of the sort.
        if (on.Count > 0)
            plan = new LogicalDistinct(plan, [.. on.Select(Reference)]);
        return computed.Count == items.Count
            ? plan
            : new LogicalProject(plan, [.. Enumerable.Range(0, items.Count).Select(Reference)],
                new PlanSchema([.. plan.Schema.Columns.Take(items.Count)], RelationKind.Rows));
    }
}
