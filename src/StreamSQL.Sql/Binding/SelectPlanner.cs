using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans a bounded SELECT: FROM, WHERE, GROUP BY, HAVING, windows, functions that give rows; then what it puts out.</summary>
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
        var parts = new SelectBinder(queries, scope, select).Bind(plan, orderBy);
        if (parts.IsGrouped)
            Group(parts, scope);
        else
            RequireNoGrouping(parts);
        if (parts.Having is { } having)
            parts.Plan = new LogicalFilter(parts.Plan, having);
        PlaceWindows(parts);
        PlaceCalls(parts);
        return SelectOutput.Plan(parts);
    }

    private void Group(SelectParts parts, Scope scope)
    {
        if (!parts.Calls.IsDone)
        {
            parts.Plan = parts.Calls.Expand(parts.Plan, parts.Keys);
            parts.Keys = [.. parts.Keys.Select(parts.Calls.Place)];
            parts.Move((expression, _) => parts.Calls.Place(expression));
        }

        var grouping = new Grouping(parts.Keys, parts.GroupingSets, parts.Aggregates, column => NameOf(column, scope));
        parts.Windows = [.. parts.Windows.Select(call => call.Map(expression => grouping.Move(expression, call.Position)))];
        parts.Having = parts.Having is { } having ? grouping.Move(having, parts.Select.Having!.Position) : null;
        parts.Move(grouping.Move);
        parts.Plan = grouping.Plan(parts.Plan);
    }

    private static void PlaceWindows(SelectParts parts)
    {
        if (parts.Windows.Count == 0)
            return;
        (parts.Plan, var place) = WindowPlanner.Plan(parts.Plan, parts.Windows);
        parts.Move((expression, _) => place(expression));
    }

    private static void PlaceCalls(SelectParts parts)
    {
        if (parts.Calls.IsDone)
            return;
        parts.Plan = parts.Calls.Expand(parts.Plan);
        parts.Move((expression, _) => parts.Calls.Place(expression));
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

    private static void RequireNoGrouping(SelectParts parts)
    {
        var shown = parts.Items.Select(static item => item.Expression).Concat(parts.Sort.Select(static sort => sort.Key));
        if (shown.Any(Contains<GroupingReference>.In))
            throw BindingErrors.Grouping("arguments to GROUPING must be grouping expressions of the associated query level",
                parts.Select.Position);
    }
}
