using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>What a bounded SELECT puts out of its rows: the select list, DISTINCT, ORDER BY.</summary>
internal static class SelectOutput
{
    /// <exception cref="Data.Errors.SqlException">42P10: DISTINCT and ORDER BY do not fit each other.</exception>
    public static LogicalPlan Plan(SelectParts parts)
    {
        var (select, items) = (parts.Select, parts.Items);

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

        var keys = parts.Sort.Select(s => (s.Item, Column: ColumnOf(s.Key))).ToList();
        var on = parts.DistinctOn.Select(ColumnOf).ToList();
        if (select.IsDistinct && computed.Count > items.Count)
            throw BindingErrors.ColumnReference("for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                parts.Sort[0].Item.Position);
        if (keys.Take(on.Count).FirstOrDefault(key => !on.Contains(key.Column)) is { Item: { } unmatched })
            throw BindingErrors.ColumnReference("SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                unmatched.Position);

        var names = items.Select(static item => item.Name).ToList();
        PlanColumn Column(int i) => new(i < names.Count ? names[i] : $"SORT_{i}", computed[i].Type, ColumnRole.Value);
        BoundColumn Reference(int i) => new(i, Column(i).Name, computed[i].Type);
        LogicalPlan plan = new LogicalProject(parts.Plan, computed,
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
