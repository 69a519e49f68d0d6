using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Joins by columns that both sides have (USING, NATURAL): each pair is one column, and these stand first.</summary>
internal sealed class MergedColumns(BindingContext context)
{
    /// <summary>The join.</summary>
    /// <exception cref="SqlException">42703: a side has no such column.</exception>
    public Relation Join(Relation left, Relation right, JoinReference join)
    {
        var names = join.IsNatural ? SharedNames(left.Scope, right.Scope) : join.Using;
        var leftCount = left.Plan.Schema.Columns.Count;
        var condition = JoinCondition.None;
        var pairs = new List<(BoundColumn Left, BoundColumn Right, BoundCall Equal)>();
        foreach (var name in names)
        {
            var (a, b) = (Shared(left.Scope, name, "left"), Shared(right.Scope, name, "right"));
            var equal = (BoundCall)FunctionResolver.BindOperator("=", a, b, context, name.Position);
            condition = new JoinCondition([.. condition.LeftKeys, equal.Arguments[0]], [.. condition.RightKeys, equal.Arguments[1]], null);
            pairs.Add((a, b with { Index = b.Index + leftCount }, equal));
        }

        LogicalPlan plan = BoundedFrom.Make(left.Plan, right.Plan, join.Kind, condition);
        var scope = BoundedFrom.Combine(left, right, join.Kind);
        var merged = join.Kind == JoinKind.Full
            ? Coalesced(ref plan, pairs, leftCount)
            : pairs.Select(pair => Of(scope, join.Kind == JoinKind.Right ? pair.Right : pair.Left)).ToList();
        var hidden = pairs.SelectMany(static pair => new[] { pair.Left.Index, pair.Right.Index }).ToHashSet();
        List<ScopeColumn> columns = [.. merged,
            .. scope.Columns.Where(c => !merged.Contains(c)).Select(c => hidden.Contains(c.Index) ? c with { IsMerged = true } : c)];
        if (join.UsingAlias is { } alias)
            columns.AddRange(merged.Select(column => column with { Relation = alias.Name, IsMerged = true }));
        return new Relation(plan, new Scope(columns, null));
    }

    private static ScopeColumn Of(Scope scope, BoundColumn column) => scope.Columns.First(c => c.Index == column.Index && !c.IsMerged);

    // Of a FULL join either side may be missing: the column is a new one behind both.
    private static List<ScopeColumn> Coalesced(ref LogicalPlan plan, List<(BoundColumn Left, BoundColumn Right, BoundCall Equal)> pairs,
        int leftCount)
    {
        var columns = plan.Schema.Columns;
        var expressions = columns.Select(static (c, i) => (BoundExpression)new BoundColumn(i, c.Name, c.Type)).ToList();
        var merged = new List<ScopeColumn>();
        foreach (var (a, _, equal) in pairs)
        {
            // The sides as they are compared, so that both have one type.
            var other = ColumnSubstitution.Renumber(equal.Arguments[1], index => index + leftCount);
            merged.Add(new ScopeColumn(null, a.Name, expressions.Count, equal.Arguments[0].Type, ColumnRole.Value));
            expressions.Add(new BoundCoalesce([equal.Arguments[0], other], equal.Arguments[0].Type));
        }

        plan = new LogicalProject(
            plan, expressions, new PlanSchema([.. columns, .. merged.Select(static c => new PlanColumn(c.Name, c.Type, ColumnRole.Value))],
                RelationKind.Rows));
        return merged;
    }

    private static IReadOnlyList<Identifier> SharedNames(Scope left, Scope right) =>
        [.. left.Columns.Where(c => !c.IsMerged && c.Role != ColumnRole.System && right.Columns.Any(r => r.Name == c.Name && !r.IsMerged))
            .Select(static c => new Identifier(c.Name, true, default))];

    private BoundColumn Shared(Scope scope, Identifier name, string side) =>
        scope.Find(new QualifiedName([name], name.Position), context.Rules) as BoundColumn
        ?? throw new SqlException(
            Npgsql.PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" specified in USING clause does not exist in {side} table",
            BindingErrors.DidYouMean(name.Name, scope.Columns.Select(static c => c.Name)), name.Position);
}
