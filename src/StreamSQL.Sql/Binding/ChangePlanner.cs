using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans UPDATE and DELETE: a bounded query of the rows that are meant, which are then written whole or deleted by key.</summary>
internal sealed class ChangePlanner
{
    private readonly BindingContext _context;
    private readonly QueryPlanner _queries;
    private readonly WriteClauses _clauses;
    private readonly bool _isPart;

    /// <summary>Creates the planner of one statement.</summary>
    /// <param name="planning">What it is planned against.</param>
    /// <param name="with">Its WITH.</param>
    public ChangePlanner(PlanningContext planning, WithClause with)
    {
        _context = new BindingContext(planning, isContinuous: false) { Outermost = with };
        _queries = new QueryPlanner(_context, new Dictionary<string, LogicalPlan>()).WithCommonTables(with, null);
        _clauses = new WriteClauses(_context, _queries);
    }

    /// <summary>Creates the planner of a statement in WITH.</summary>
    /// <param name="context">The whole statement's.</param>
    /// <param name="queries">Knows the common tables before it and its own.</param>
    public ChangePlanner(BindingContext context, QueryPlanner queries)
    {
        _context = context;
        _queries = queries;
        _isPart = true;
        _clauses = new WriteClauses(context, queries);
    }

    // Of a part of a statement they are not known before the whole is planned.
    private IReadOnlyList<SqlType> ParameterTypes => _isPart ? [] : _context.ParameterTypes;

    public PlannedRowChange Plan(UpdateStatement update)
    {
        var target = Target(update.Target, "UPDATE");
        var (rows, scope) = Rows(update.Target, update.Alias, update.From, update.Where);
        // A query whose row is assigned to several columns stands behind the columns, so that it runs once for each row.
        var computed = new List<BoundExpression>();
        var visible = rows.Schema.Columns.Count;
        var values = _clauses.Assign(update.Assignments, target, new ExpressionBinder(_context, scope, _queries) { Clause = "SET" }, row =>
        {
            computed.Add(row);
            return new BoundColumn(visible + computed.Count - 1, $"ROW_{computed.Count}", row.Type);
        });
        if (computed.Count > 0)
        {
            BoundExpression[] all = [.. Enumerable.Range(0, visible).Select(i => Column(rows, i)), .. computed];
            var columns = rows.Schema.Columns.Concat(
                computed.Select(static (row, i) => new PlanColumn($"ROW_{i + 1}", row.Type, ColumnRole.Value)));
            rows = new LogicalProject(rows, all, new PlanSchema([.. columns], RelationKind.Rows));
        }

        return Change(target, rows, scope, values, update.Returning);
    }

    public PlannedRowChange Plan(DeleteStatement delete)
    {
        var target = Target(delete.Target, "DELETE");
        var (rows, scope) = Rows(delete.Target, delete.Alias, delete.Using, delete.Where);
        return Change(target, rows, scope, null, delete.Returning);
    }

    /// <summary>
    /// The query gives the old row, then the new one where there is one, then what RETURNING can name of the other tables.
    /// </summary>
    private PlannedRowChange Change(SourceDefinition target, LogicalPlan rows, Scope scope, BoundExpression[]? values,
        IReadOnlyList<SelectItem> returning)
    {
        var width = target.Columns.Count;
        var old = Enumerable.Range(0, width).Select(i => Column(rows, i));
        var others = Enumerable.Range(width, scope.Columns.Max(static column => column.Index) + 1 - width)
            .Select(i => Column(rows, i)).ToArray();
        BoundExpression[] expressions = [.. old, .. values ?? [], .. others];
        var names = target.Columns.Concat(values is null ? [] : target.Columns).Select(static column => column.Name)
            .Concat(others.Select(static c => c.Name));
        var schema = new PlanSchema([.. names.Select((name, i) => new PlanColumn(name, expressions[i].Type, ColumnRole.Value))],
            RelationKind.Rows);
        LogicalPlan plan = new LogicalProject(rows, expressions, schema);

        // A row that several rows of the other tables meet is changed once, by one of them.
        if (others.Length > 0)
            plan = new LogicalDistinct(plan,
                [.. Enumerable.Range(0, width).Where(i => target.Columns[i].IsKey).Select(i => Column(plan, i))]);
        var select = new PlannedSelect(
            PlanOptimizer.Optimize(plan, _context.Rewrites), false, [.. schema.Columns.Select(static c => c.Name)], []);
        var change = new PlannedRowChange(target, select, values is null)
        {
            Returning = _clauses.Returning(returning, scope), Writes = [.. _context.Writes],
            Checks = values is null ? [] : TableChecks.Of(target, _context),
        };
        return change with { Rows = select with { ParameterTypes = ParameterTypes } };
    }

    private static BoundColumn Column(LogicalPlan plan, int index) =>
        new(index, plan.Schema.Columns[index].Name, plan.Schema.Columns[index].Type);

    private SourceDefinition Target(QualifiedName name, string statement)
    {
        var target = CatalogRelations.Get(name, _context);
        if (target.Kind == RelationKind.Stream)
            throw BindingErrors.NotSupported($"{statement} is not supported on stream {target.Name}", name.Position,
                "The events of a stream stay as they were: only rows of tables can change.");
        if (target.IsReadOnly)
            throw BindingErrors.NotSupported($"{statement} is not supported on read-only table {target.Name}", name.Position);
        if (target.QueryId is not null || target.Window is not null)
            throw BindingErrors.NotSupported($"{statement} is not supported on table {target.Name}: its rows are the result of a query",
                name.Position);
        return target;
    }

    private Relation Rows(QualifiedName name, Identifier? alias, IReadOnlyList<FromItem> others, Expression? where)
    {
        var table = new TableReference(name, alias is null ? null : new TableAlias(alias, [], alias.Position), name.Position);
        var relation = new BoundedFrom(_queries).Plan([table, .. others], null);
        var plan = relation.Plan;
        if (where is not null)
            plan = new LogicalFilter(plan, new ExpressionBinder(_context, relation.Scope, _queries)
                { Clause = "WHERE" }.BindCondition(where));
        return new Relation(plan, relation.Scope);
    }
}
