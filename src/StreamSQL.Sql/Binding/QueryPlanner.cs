using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Plans bounded queries: set operations, VALUES, common tables, ORDER BY, LIMIT. SELECT itself is planned by <see cref="SelectPlanner"/>.
/// </summary>
internal sealed class QueryPlanner(BindingContext context, IReadOnlyDictionary<string, LogicalPlan> commonTables)
{
    private static readonly PlanSchema OneRow = new([], RelationKind.Rows);

    // How many levels are around the query of each common table.
    private readonly Dictionary<string, int> _levels = new(StringComparer.Ordinal);

    public BindingContext Context { get; } = context;

    /// <summary>The plans of WITH, by name.</summary>
    public IReadOnlyDictionary<string, LogicalPlan> CommonTables { get; } = commonTables;

    /// <summary>Plans a query; its columns have types that are known.</summary>
    /// <param name="query">The query.</param>
    /// <param name="outer">The columns of the query around it.</param>
    /// <param name="wanted">The types that columns have which nothing in the query says anything about; null for text.</param>
    public Relation Plan(Query query, Scope? outer, IReadOnlyList<SqlType>? wanted = null)
    {
        if (query.Emit != EmitKind.None)
            throw BindingErrors.NotSupported("EMIT is not supported in a sub-query", query.EmitPosition);
        var planner = WithCommonTables(query.With, outer);
        var plan = Settle(planner.PlanSorted(query, outer), wanted ?? [], query.Position);
        return new Relation(plan, Scope.Of(plan, null));
    }

    /// <summary>The plan of a common table where it is read; null when there is none of that name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="outer">What is around the query that reads it: further in than the table's own query, or the same.</param>
    /// <exception cref="SqlException">0A000: it writes, and gives nothing back.</exception>
    public LogicalPlan? CommonTable(string name, Scope? outer)
    {
        if (!CommonTables.TryGetValue(name, out var plan))
            return null;
        if (plan is LogicalWorkingTable { Schema.Columns.Count: 0 })
            throw new SqlException(Npgsql.PostgresErrorCodes.FeatureNotSupported,
                $"WITH query \"{DisplayName.Of(name)}\" does not have a RETURNING clause");
        return _levels.TryGetValue(name, out var levels) ? OuterShift.Apply(plan, (outer?.Levels ?? 0) - levels) : plan;
    }

    /// <summary>A planner that knows further common tables.</summary>
    public QueryPlanner WithCommonTables(WithClause with, Scope? outer)
    {
        if (with.Tables.Count == 0)
            return this;
        var tables = new Dictionary<string, LogicalPlan>(CommonTables, StringComparer.Ordinal);
        var planner = new QueryPlanner(Context, tables);
        foreach (var (name, levels) in _levels)
            planner._levels[name] = levels;
        foreach (var table in with.Tables)
        {
            if (table.Query is not { } query)
            {
                tables[table.Name.Name] = planner.Write(table, with);
                planner._levels.Remove(table.Name.Name);
                continue;
            }

            var isRecursive = with.IsRecursive && CommonTableReferences.ToItself(table);
            if (!isRecursive && (table.Search is not null || table.Cycle is not null))
                throw BindingErrors.Syntax("WITH query is not recursive", table.Position);
            var plan = isRecursive
                ? planner.Recursion(table, query, tables, outer)
                : Rename(planner.Plan(query, outer).Plan, table.Columns, table.Name.Text, table.Position);
            // One that reads the queries around its own has other rows for each of theirs: it is planned where it is read, and never kept.
            var isShared = !OuterReferences.Any(plan);
            tables[table.Name.Name] = isShared
                ? new LogicalCommonTable(new CommonTableDefinition(Context.NextCommonTable(), plan, table.IsMaterialized)) : plan;
            planner._levels.Remove(table.Name.Name);
            if (!isShared)
                planner._levels[table.Name.Name] = outer?.Levels ?? 0;
        }

        return planner;
    }

    /// <summary>A statement that writes: planned for itself; what it gives back is read like the rows of a recursion.</summary>
    private LogicalPlan Write(CommonTable table, WithClause with)
    {
        if (!ReferenceEquals(with, Context.Outermost))
            throw BindingErrors.NotSupported("WITH clause containing a data-modifying statement must be at the top level", table.Position);
        var number = Context.NextRecursion();
        var (planned, returning) = new CommonWritePlanner(Context, this).Plan(table.Write!);
        Context.Writes.Add(new PlannedCommonWrite(number, planned));
        return Rename(new LogicalWorkingTable(number, returning?.Schema ?? OneRow), table.Columns, table.Name.Text, table.Position);
    }

    private LogicalPlan Recursion(CommonTable table, Query query, Dictionary<string, LogicalPlan> tables, Scope? outer)
    {
        if (query.CommonTables.Count == 0)
            return new RecursionPlanner(this, table, outer).Plan(tables, Context.NextRecursion());
        var inner = WithCommonTables(query.With, outer);
        return new RecursionPlanner(inner, table, outer).Plan((Dictionary<string, LogicalPlan>)inner.CommonTables, Context.NextRecursion());
    }

    /// <summary>Plans one side of a recursive UNION; its columns have types that are known.</summary>
    public LogicalPlan PlanPart(QueryBody body, Scope? outer) => Settle(PlanBody(body, outer), [], body.Position);

    private LogicalPlan PlanSorted(Query query, Scope? outer)
    {
        if (query.Body is SelectBody select)
        {
            var keys = Context.IsCompatible && query.Limit is not null && query.OrderBy.Count == 0 ? KeysOf(select) : query.OrderBy;
            return Limit(new SelectPlanner(this).Plan(select, keys, outer), query);
        }

        var plan = PlanBody(query.Body, outer);
        if (query.OrderBy.Count > 0)
            plan = new LogicalSort(plan, [.. query.OrderBy.Select(item => SortByOutput(item, plan))]);
        return Limit(plan, query);
    }

    // ksqlDB's store gives the rows of a table in the order of their keys, which shows where LIMIT cuts.
    private IReadOnlyList<SortItem> KeysOf(SelectBody select)
    {
        if (select.From is not [TableReference table]
            || CatalogRelations.Find(table.Name, Context) is not { Kind: RelationKind.Table, Window: null } source)
            return [];
        return [.. source.Columns.Where(static column => column.IsKey
            && column.Type.Kind is not (SqlTypeKind.Array or SqlTypeKind.Map or SqlTypeKind.Struct)).Select(column => new SortItem(
                new ColumnReference(new QualifiedName([new Identifier(column.Name, true, select.Position)], select.Position)), false, null,
                select.Position))];
    }

    private LogicalPlan PlanBody(QueryBody body, Scope? outer) => body switch
    {
        SelectBody select => new SelectPlanner(this).Plan(select, [], outer),
        NestedQuery { Query: var nested } => WithCommonTables(nested.With, outer).PlanSorted(nested, outer),
        ValuesBody values => Values(values, outer),
        SetOperation operation => SetOperation(operation, outer),
        _ => throw new InvalidOperationException($"unknown query body {body.GetType().Name}"),
    };

    private LogicalValues Values(ValuesBody values, Scope? outer)
    {
        var binder = new ExpressionBinder(Context, new Scope([], outer), this) { Clause = "VALUES" };
        var rows = values.Rows.Select(row => row
            .SelectMany(value => binder.BindElement(
                value ?? throw BindingErrors.Syntax("DEFAULT is not allowed in this context", values.Position))).ToArray()).ToArray();
        var width = rows[0].Length;
        if (rows.Any(row => row.Length != width))
            throw BindingErrors.Syntax("VALUES lists must all be the same length", values.Position);
        var types = Enumerable.Range(0, width)
            .Select(i => CommonTypes.Of(rows.Select(row => row[i].Type), Context, "VALUES", values.Position)).ToArray();
        var columns = types.Select(static (type, i) => new PlanColumn($"COLUMN{i + 1}", type, ColumnRole.Value)).ToArray();
        return new LogicalValues(
            [.. rows.Select(row => (IReadOnlyList<BoundExpression>)[
                .. row.Select((value, i) => Coercion.To(value, types[i], Context, values.Position))])],
            new PlanSchema(columns, RelationKind.Rows));
    }

    private LogicalSetOperation SetOperation(SetOperation operation, Scope? outer)
    {
        var (left, right) = (PlanBody(operation.Left, outer), PlanBody(operation.Right, outer));
        if (left.Schema.Columns.Count != right.Schema.Columns.Count)
        {
            throw BindingErrors.Syntax(
                $"each {operation.Kind.ToString().ToUpperInvariant()} query must have the same number of columns, not " +
                    $"{left.Schema.Columns.Count} and {right.Schema.Columns.Count}",
                operation.Position);
        }

        var types = left.Schema.Columns.Zip(right.Schema.Columns, (a, b) =>
            CommonTypes.Of([a.Type, b.Type], Context, operation.Kind.ToString().ToUpperInvariant(), operation.Position)).ToArray();
        (left, right) = (CastColumns(left, types, operation.Position), CastColumns(right, types, operation.Position));
        var columns = left.Schema.Columns.Select(static column => column with { Role = ColumnRole.Value }).ToArray();
        return new LogicalSetOperation(left, right, operation.Kind, operation.All, new PlanSchema(columns, RelationKind.Rows));
    }

    /// <summary>The plan with its columns cast.</summary>
    public LogicalPlan CastColumns(LogicalPlan plan, IReadOnlyList<SqlType> types, TextPosition position)
    {
        if (plan.Schema.Columns.Select(static c => c.Type).SequenceEqual(types))
            return plan;
        var schema = new PlanSchema([.. plan.Schema.Columns.Select((c, i) => new PlanColumn(c.Name, types[i], ColumnRole.Value))],
            RelationKind.Rows);
        // A literal is cast where it stands, so that it stays one.
        if (plan is LogicalProject project)
            return new LogicalProject(project.Input,
                [.. project.Expressions.Select((e, i) => Coercion.To(e, types[i], Context, position))], schema);
        return new LogicalProject(
            plan, [.. plan.Schema.Columns.Select((c, i) => Coercion.To(new BoundColumn(i, c.Name, c.Type), types[i], Context, position))],
            schema);
    }

    // What is still unknown at the end of a query is what its place wants, or text.
    private LogicalPlan Settle(LogicalPlan plan, IReadOnlyList<SqlType> wanted, TextPosition position)
    {
        SqlType Known(int column) => plan is LogicalProject && column < wanted.Count ? wanted[column] : SqlType.Varchar;
        return CastColumns(plan, [.. plan.Schema.Columns.Select((c, i) => c.Type.Kind == SqlTypeKind.Unknown ? Known(i) : c.Type)],
            position);
    }

    /// <summary>A sort key that names or numbers a column of the result.</summary>
    private SortKey SortByOutput(SortItem item, LogicalPlan plan)
    {
        var column = OutputColumn(item.Expression, plan.Schema.Columns, Context) ?? throw NoOutput(item, plan);
        return SortOrder(item, new BoundColumn(column, plan.Schema.Columns[column].Name, plan.Schema.Columns[column].Type));
    }

    private SqlException NoOutput(SortItem item, LogicalPlan plan) =>
        item.Expression is ColumnReference { Name: { IsQualified: false } name }
        ? BindingErrors.UnknownColumn(name, "ORDER BY", plan.Schema.Columns.Select(static c => c.Name), Context.Rules)
        : BindingErrors.NotSupported(
            "ORDER BY of a set operation takes names and numbers of its columns", item.Position,
            "Wrap the query: SELECT * FROM (...) AS q ORDER BY ...");

    /// <summary>A sort key with PostgreSQL's default for nulls: last, first when descending.</summary>
    public static SortKey SortOrder(SortItem item, BoundExpression expression) =>
        new(expression, item.Descending, item.NullsFirst ?? item.Descending);

    /// <summary>
    /// The column of the result that an ORDER BY, GROUP BY or DISTINCT ON item means by its number or its name; null when it means neither.
    /// </summary>
    /// <param name="syntax">The item.</param>
    /// <param name="columns">The columns of the result.</param>
    /// <param name="context">The statement.</param>
    /// <param name="clause">The clause, for errors.</param>
    /// <param name="areSame">Whether two columns are the same expression, so that it does not matter
    /// which is meant; null where they are not.</param>
    /// <exception cref="SqlException">42P10: there is no such place; 42702: several columns have the name.</exception>
    public static int? OutputColumn(
        Expression syntax, IReadOnlyList<PlanColumn> columns, BindingContext context, string clause = "ORDER BY",
        Func<int, int, bool>? areSame = null)
    {
        if (syntax is NumberLiteral { Kind: NumberKind.Integer } ordinal)
        {
            return int.TryParse(ordinal.Text, out var number) && number >= 1 && number <= columns.Count
                ? number - 1
                : throw BindingErrors.ColumnReference($"position {ordinal.Text} is not in select list, which has {columns.Count} columns",
                    syntax.Position);
        }

        if (syntax is not ColumnReference { Name: { IsQualified: false, Last: var name } })
            return null;
        var matches = Scope.Match([.. columns.Select(static (column, index) => (column.Name, Index: index))], name, context.Rules,
            static c => c.Name);
        if (matches.Count > 1 && context.Rules == RuleSet.Postgres
            && (areSame is null || matches.Exists(match => !areSame(matches[0].Index, match.Index))))
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.AmbiguousColumn, $"{clause} \"{DisplayName.Of(name.Name)}\" is ambiguous",
                "Write the column's number.", syntax.Position);
        }

        return matches.Count > 0 && (matches.Count == 1 || context.Rules == RuleSet.Postgres) ? matches[0].Index : null;
    }

    private LogicalPlan Limit(LogicalPlan plan, Query query)
    {
        if (query.Limit is null && query.Offset is null)
            return plan;
        var (count, offset) = (RowCount(query.Limit, "LIMIT"), RowCount(query.Offset, "OFFSET"));
        return query.IsWithTies && count is not null ? new TiesPlanner(Context).Plan(plan, count, offset, query.Position)
            : new LogicalLimit(plan, count, offset);
    }

    private BoundExpression? RowCount(Expression? syntax, string clause)
    {
        if (syntax is null or NullLiteral)
            return null;
        var bound = new ExpressionBinder(Context, Scope.Empty, this) { Clause = clause }.Bind(syntax);
        if (bound is BoundLiteral { Value: int and < 0 or long and < 0 })
        {
            throw new SqlException(
                clause == "LIMIT" ? Npgsql.PostgresErrorCodes.InvalidRowCountInLimitClause
                    : Npgsql.PostgresErrorCodes.InvalidRowCountInResultOffsetClause,
                $"{clause} must not be negative", null, syntax.Position);
        }

        return Coercion.To(bound, SqlType.BigInt, Context, syntax.Position);
    }

    /// <summary>The plan with its columns renamed, as far as names are given.</summary>
    public static LogicalPlan Rename(LogicalPlan plan, IReadOnlyList<Identifier> names, string relation, TextPosition position)
    {
        var columns = plan.Schema.Columns;
        if (names.Count == 0)
            return plan;
        if (names.Count > columns.Count)
            throw TooManyNames(relation, columns.Count, names.Count, position);
        return new LogicalProject(
            plan, [.. columns.Select(static (c, i) => new BoundColumn(i, c.Name, c.Type))],
            plan.Schema with { Columns = [.. columns.Select((c, i) => i < names.Count ? c with { Name = names[i].Name } : c)] });
    }

    /// <summary>The error of an alias with more columns than there are.</summary>
    public static SqlException TooManyNames(string relation, int columns, int names, TextPosition position) => new(
        Npgsql.PostgresErrorCodes.InvalidColumnReference,
        $"table \"{relation}\" has {columns} columns available but {names} columns specified", null, position);

    /// <summary>The plan under an alias, or under a name where it has none.</summary>
    public static Relation Aliased(LogicalPlan plan, TableAlias? alias, string? name)
    {
        plan = alias is null ? plan : Rename(plan, alias.Columns, alias.Name.Text, alias.Position);
        return new Relation(plan, Scope.Of(plan, alias?.Name.Name ?? name));
    }

    /// <summary>The system relation of a name; null when there is none.</summary>
    public LogicalSystemScan? SystemRelation(QualifiedName name)
    {
        var schema = name.IsQualified ? name.Parts[^2].Text.ToLowerInvariant() : "pg_catalog";
        var relation = $"{schema}.{name.Last.Text.ToLowerInvariant()}";
        return Context.Planning.SystemRelations.TryGetValue(relation, out var columns) ? new LogicalSystemScan(relation, columns) : null;
    }

    /// <summary>One row without columns: what SELECT without FROM reads.</summary>
    public static LogicalValues NoTable() => new([[]], OneRow);
}
