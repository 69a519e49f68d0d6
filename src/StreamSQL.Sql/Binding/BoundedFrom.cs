using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Plans FROM of a bounded SELECT: tables, system relations, sub-queries, functions and their joins. Functions and LATERAL queries see the
/// items before them: a function becomes an expansion of their rows, a query is applied to each.
/// </summary>
internal sealed class BoundedFrom(QueryPlanner queries)
{
    private readonly BindingContext _context = queries.Context;

    /// <summary>Plans all items; several are every combination of their rows.</summary>
    public Relation Plan(IReadOnlyList<FromItem> items, Scope? outer)
    {
        if (items.Count == 0)
            return Nothing;
        if (_context.Rules == RuleSet.Postgres)
            FromNames.Check(items);
        var level = new Level(outer, outer);
        var relation = Plan(items[0], level);
        foreach (var item in items.Skip(1))
            relation = Add(relation, item, new JoinReference(item, item, JoinKind.Inner, item.Position) { IsCross = true }, level);
        return relation;
    }

    private static Relation Nothing => new(QueryPlanner.NoTable(), Scope.Empty);

    private Relation Plan(FromItem item, Level level) => item switch
    {
        TableReference { Sample: { } sample } table => IsCommon(table, level)
            ? throw BindingErrors.NotSupported("TABLESAMPLE clause can only be applied to tables and materialized views", table.Position)
            : TableSamples.Apply(Table(table, level), sample, _context, queries),
        TableReference table => Table(table, level),
        QueryReference query => QueryPlanner.Aliased(queries.Plan(query.Query, query.IsLateral ? level.Lateral : level.Plain).Plan,
            query.Alias, null),
        FunctionReference function => new FunctionFrom(queries).Expand(Nothing, function, isOuter: false, level.Lateral),
        JoinReference join => Add(Plan(join.Left, level), join.Right, join, level),
        AliasedJoin join => QueryPlanner.Aliased(Shown(Plan(join.Join, level)), join.Alias, null),
        _ => throw new InvalidOperationException($"unknown FROM item {item.GetType().Name}"),
    };

    // Under an alias a join has the columns that a star shows.
    private static LogicalPlan Shown(Relation relation)
    {
        var columns = relation.Scope.Columns.Where(static column => !column.IsMerged).ToArray();
        return new LogicalProject(
            relation.Plan, [.. columns.Select(static c => new BoundColumn(c.Index, c.Name, c.Type))],
            new PlanSchema([.. columns.Select(static c => new PlanColumn(c.Name, c.Type, ColumnRole.Value))], RelationKind.Rows));
    }

    private bool IsCommon(TableReference table, Level level) => !table.Name.IsQualified
        && queries.CommonTable(table.Name.Last.Name, level.Plain) is not null;

    private Relation Table(TableReference table, Level level)
    {
        var name = table.Name;
        if (!name.IsQualified && queries.CommonTable(name.Last.Name, level.Plain) is { } common)
            return Common(common, table);
        if (CatalogRelations.Find(name, _context) is { } source)
        {
            Note(source.Name);
            var relation = QueryPlanner.Aliased(CatalogRelations.Scan(source, ScanMode.Bounded), table.Alias, source.Name);
            return relation with { Scope = new Scope(relation.Scope.Columns, null) { HasPseudoColumns = true } };
        }

        if (ViewPlanner.Find(name, _context) is { } view)
        {
            Note(view.Name);
            return QueryPlanner.Aliased(ViewPlanner.Expand(view, _context), table.Alias, view.Name);
        }

        if (queries.SystemRelation(name) is { } system)
            return QueryPlanner.Aliased(system, table.Alias, name.Last.Name);
        throw BindingErrors.UnknownRelation(name, _context.Planning.Catalog.Sources.Keys, _context.Rules);
    }

    private void Note(string source)
    {
        if (_context.OpenViews.Count == 0)
            _context.NamedSources.Add(source);
    }

    private static Relation Common(LogicalPlan common, TableReference table)
    {
        var relation = QueryPlanner.Aliased(common, table.Alias, table.Name.Last.Name);
        if (common is not LogicalWorkingTable { HiddenColumns: > 0 and var hidden })
            return relation;
        var shown = common.Schema.Columns.Count - hidden;
        return relation with { Scope = new Scope([.. relation.Scope.Columns.Select(c => c with { IsPseudo = c.Index >= shown })], null) };
    }

    /// <summary>Joins an item to those before it.</summary>
    private Relation Add(Relation left, FromItem item, JoinReference join, Level level)
    {
        if (join.Within is not null)
            throw BindingErrors.NotSupported("WITHIN needs a continuous query", join.Position, "Add EMIT CHANGES.");
        var hasNoCondition = join.IsCross || join.On is BooleanLiteral { Value: true };
        if (item is FunctionReference function && join.Kind is JoinKind.Inner or JoinKind.Left && join.Using.Count == 0 && !join.IsNatural
            && (hasNoCondition || join.Kind == JoinKind.Inner))
        {
            var expanded = new FunctionFrom(queries).Expand(left, function, join.Kind == JoinKind.Left, left.Scope.Around(level.Lateral));
            return hasNoCondition ? expanded
                : expanded with { Plan = new LogicalFilter(expanded.Plan, Condition(join, expanded.Scope, level)) };
        }

        if (join.Kind is JoinKind.Inner or JoinKind.Left && HasLateral(item))
        {
            var right = Plan(item, level.Inside(left.Scope));
            if (OuterReferences.To(right.Plan, depth: 1))
                return LateralJoin.Make(left, right, join, join.On is null
                    || hasNoCondition ? null : Condition(join, Combine(left, right), level));
        }

        return Join(left, Plan(item, level), join, level);
    }

    private static bool HasLateral(FromItem item) => item switch
    {
        QueryReference query => query.IsLateral,
        FunctionReference => true,
        JoinReference join => HasLateral(join.Left) || HasLateral(join.Right),
        AliasedJoin join => HasLateral(join.Join),
        _ => false,
    };

    private Relation Join(Relation left, Relation right, JoinReference join, Level level)
    {
        if (join.IsCross)
            return new Relation(Make(left.Plan, right.Plan, JoinKind.Inner, JoinCondition.None), Combine(left, right));
        if (join.On is null)
            return new MergedColumns(_context).Join(left, right, join);
        var scope = Combine(left, right, join.Kind);
        var condition = JoinCondition.Of(Condition(join, scope, level), left.Plan.Schema.Columns.Count);
        if (join.Kind == JoinKind.Full && condition.LeftKeys.Count == 0 && !Conjunctions.IsConstant(condition.Residual))
            throw BindingErrors.NotSupported("FULL JOIN is only supported with merge-joinable or hash-joinable join conditions",
                join.Position);
        return new Relation(Make(left.Plan, right.Plan, join.Kind, condition), scope);
    }

    private BoundExpression Condition(JoinReference join, Scope scope, Level level) =>
        new ExpressionBinder(_context, scope.Around(level.Plain), queries) { Clause = "JOIN ON" }.BindCondition(join.On!);

    /// <summary>The join of two plans.</summary>
    public static LogicalJoin Make(LogicalPlan left, LogicalPlan right, JoinKind kind, JoinCondition condition) =>
        new(left, right, kind, condition.LeftKeys, condition.RightKeys, condition.Residual, null, Columns(left, right));

    /// <summary>The columns of both.</summary>
    public static PlanSchema Columns(LogicalPlan left, LogicalPlan right) =>
        new([.. left.Schema.Columns.Concat(right.Schema.Columns).Select(static c => c with { Role = ColumnRole.Value })],
            RelationKind.Rows);

    /// <summary>What can be named in both.</summary>
    public static Scope Combine(Relation left, Relation right, JoinKind kind = JoinKind.Inner)
    {
        var offset = left.Plan.Schema.Columns.Count;
        var (padsLeft, padsRight) = (kind is JoinKind.Right or JoinKind.Full, kind is JoinKind.Left or JoinKind.Full);
        return new Scope(
            [
                .. left.Scope.Columns.Select(c => c with { MayBeMissing = c.MayBeMissing || padsLeft }),
                .. right.Scope.Columns.Select(c => c with { Index = c.Index + offset, MayBeMissing = c.MayBeMissing || padsRight }),
            ], null);
    }

    /// <summary>The levels around an item: with the items before it for what is lateral, without their columns for what is not.</summary>
    private sealed record Level(Scope? Lateral, Scope? Plain)
    {
        public Level Inside(Scope left) => new(left.Around(Lateral), new Scope([], Plain));
    }
}
