using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans FROM of a bounded SELECT: tables, system relations, sub-queries, functions and their joins.</summary>
internal sealed class BoundedFrom(QueryPlanner queries)
{
    private readonly BindingContext _context = queries.Context;

    /// <summary>Plans all items; several are every combination of their rows.</summary>
    public Relation Plan(IReadOnlyList<FromItem> items, Scope? outer)
    {
        if (items.Count == 0)
            return new Relation(QueryPlanner.NoTable(), Scope.Empty);
        var relation = Plan(items[0], outer);
        foreach (var item in items.Skip(1))
            relation = Cross(relation, Plan(item, outer));
        return relation;
    }

    private Relation Plan(FromItem item, Scope? outer) => item switch
    {
        TableReference table => Table(table),
        QueryReference query => Subquery(query, outer),
        FunctionReference function => Function(function, outer),
        JoinReference join => Join(join, outer),
        AliasedJoin join => Aliased(Plan(join.Join, outer).Plan, join.Alias, null),
        _ => throw new InvalidOperationException($"unknown FROM item {item.GetType().Name}"),
    };

    private Relation Table(TableReference table)
    {
        var name = table.Name;
        if (!name.IsQualified && queries.CommonTables.TryGetValue(name.Last.Name, out var common))
            return Aliased(common, table.Alias, name.Last.Name);
        if (CatalogRelations.Find(name, _context) is { } source)
        {
            var relation = Aliased(CatalogRelations.Scan(source, ScanMode.Bounded), table.Alias, source.Name);
            return relation with { Scope = new Scope(relation.Scope.Columns, null) { HasPseudoColumns = true } };
        }

        if (SystemRelation(name) is { } system)
            return Aliased(system, table.Alias, name.Last.Name);
        throw BindingErrors.UnknownRelation(name, _context.Planning.Catalog.Sources.Keys, _context.Rules);
    }

    private LogicalSystemScan? SystemRelation(QualifiedName name)
    {
        var schema = name.IsQualified ? name.Parts[^2].Text.ToLowerInvariant() : "pg_catalog";
        var relation = $"{schema}.{name.Last.Text.ToLowerInvariant()}";
        return _context.Planning.SystemRelations.TryGetValue(relation, out var columns) ? new LogicalSystemScan(relation, columns) : null;
    }

    private Relation Subquery(QueryReference query, Scope? outer)
    {
        // A lateral query may be one that reads nothing of its neighbours; one that does is found when its names are looked up.
        var plan = queries.Plan(query.Query, outer).Plan;
        return Aliased(plan, query.Alias, null);
    }

    private Relation Function(FunctionReference function, Scope? outer)
    {
        var call = function.Call;
        if (function.Columns.Count > 0)
            throw BindingErrors.NotSupported("column definitions are not supported", function.Position);
        var name = call.Name.Last.Text.ToLowerInvariant();
        var alias = function.Alias?.Name.Name ?? call.Name.Last.Name;
        if (call.Arguments.Count == 0 && SystemRelation(call.Name) is { } system)
            return Aliased(system, function.Alias, alias);
        if (TableFunctions.EmptyColumns(call) is { } columns)
        {
            if (columns.Count == 1 && function.Alias is not null)
                columns = [columns[0] with { Name = alias }];
            return Aliased(new LogicalValues([], WithOrdinality(columns, function)), function.Alias, alias);
        }

        var binder = new ExpressionBinder(_context, new Scope([], outer), queries) { Clause = "FROM" };
        var arguments = call.Arguments.Select(argument => binder.Bind(argument)).ToArray();
        var (type, cast) = TableFunctions.Bind(call, arguments, _context);
        var schema = WithOrdinality([new PlanColumn(alias, type, ColumnRole.Value)], function);
        return Aliased(new LogicalFunctionScan(name, cast, schema), function.Alias, alias);
    }

    private static PlanSchema WithOrdinality(IReadOnlyList<PlanColumn> columns, FunctionReference function) => new(
        function.WithOrdinality ? [.. columns, new PlanColumn("ordinality", SqlType.BigInt, ColumnRole.Value)] : columns, RelationKind.Rows);

    private static Relation Aliased(LogicalPlan plan, TableAlias? alias, string? name)
    {
        plan = alias is null ? plan : QueryPlanner.Rename(plan, alias.Columns, alias.Position);
        return new Relation(plan, Scope.Of(plan, alias?.Name.Name ?? name));
    }

    private Relation Join(JoinReference join, Scope? outer)
    {
        if (join.Within is not null)
            throw BindingErrors.NotSupported("WITHIN needs a continuous query", join.Position, "Add EMIT CHANGES.");
        var (left, right) = (Plan(join.Left, outer), Plan(join.Right, outer));
        if (join.IsCross)
            return Cross(left, right);
        var scope = Combine(left, right);
        var shared = join.IsNatural ? SharedNames(left.Scope, right.Scope) : join.Using;
        if (join.On is { } on)
        {
            var condition = new ExpressionBinder(_context, scope.Around(outer), queries) { Clause = "JOIN ON" }.BindCondition(on);
            return new Relation(Make(left.Plan, right.Plan, join.Kind, JoinCondition.Of(condition, left.Plan.Schema.Columns.Count)), scope);
        }

        return Using(left, right, join, shared);
    }

    private static IReadOnlyList<Identifier> SharedNames(Scope left, Scope right) =>
        [.. left.Columns.Where(c => !c.IsMerged && right.Columns.Any(r => r.Name == c.Name && !r.IsMerged)).Select(static c => new Identifier(c.Name, true, default))];

    private Relation Using(Relation left, Relation right, JoinReference join, IReadOnlyList<Identifier> names)
    {
        var leftCount = left.Plan.Schema.Columns.Count;
        var condition = new JoinCondition([], [], null);
        var hidden = new HashSet<int>();
        foreach (var name in names)
        {
            var (a, b) = (Shared(left.Scope, name), Shared(right.Scope, name));
            var equal = (BoundCall)FunctionResolver.BindOperator("=", a, b, _context, name.Position);
            condition = new JoinCondition([.. condition.LeftKeys, equal.Arguments[0]], [.. condition.RightKeys, equal.Arguments[1]], null);
            // RIGHT keeps the right side's column, which is never missing; the others the left's.
            hidden.Add(join.Kind == JoinKind.Right ? a.Index : b.Index + leftCount);
        }

        if (join.Kind == JoinKind.Full && names.Count > 0)
            throw BindingErrors.NotSupported("FULL JOIN with USING or NATURAL is not supported", join.Position, "Use ON, and COALESCE of both columns.");
        var scope = Combine(left, right);
        scope = new Scope([.. scope.Columns.Select(c => hidden.Contains(c.Index) ? c with { IsMerged = true } : c)], null);
        return new Relation(Make(left.Plan, right.Plan, join.Kind, condition), scope);
    }

    private BoundColumn Shared(Scope scope, Identifier name) =>
        scope.Find(new QualifiedName([name], name.Position), _context.Rules) as BoundColumn
        ?? throw new SqlException(
            Npgsql.PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" specified in USING clause does not exist on both sides",
            BindingErrors.DidYouMean(name.Name, scope.Columns.Select(static c => c.Name)), name.Position);

    private static Relation Cross(Relation left, Relation right) =>
        new(Make(left.Plan, right.Plan, JoinKind.Inner, new JoinCondition([], [], null)), Combine(left, right));

    private static LogicalJoin Make(LogicalPlan left, LogicalPlan right, JoinKind kind, JoinCondition condition)
    {
        var columns = left.Schema.Columns.Concat(right.Schema.Columns).Select(static c => c with { Role = ColumnRole.Value });
        return new LogicalJoin(left, right, kind, condition.LeftKeys, condition.RightKeys, condition.Residual, null, new PlanSchema([.. columns], RelationKind.Rows));
    }

    private static Scope Combine(Relation left, Relation right)
    {
        var offset = left.Plan.Schema.Columns.Count;
        return new Scope([.. left.Scope.Columns, .. right.Scope.Columns.Select(c => c with { Index = c.Index + offset })], null);
    }
}
