using StreamSQL.Data.Errors;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// SEARCH and CYCLE of a recursive common table: columns behind its own in which each row keeps where it is in the search, and the way that
/// led to it. The step reads those of the row it came from; what they become is computed above the step.
/// </summary>
internal sealed class RecursionTrail
{
    private const string OwnColumn = "COLUMN_";
    private const string OldColumn = "OLD_";

    private readonly BindingContext _context;
    private readonly QueryPlanner _queries;
    private readonly CommonTable _table;
    private readonly int _width;
    private readonly List<Extra> _extras = [];

    /// <summary>Creates the columns of a common table.</summary>
    /// <param name="queries">The planner of its query.</param>
    /// <param name="table">The table.</param>
    /// <param name="own">Its own columns.</param>
    /// <exception cref="SqlException">42601, 42701: what the clauses name does not go together with the columns.</exception>
    public RecursionTrail(QueryPlanner queries, CommonTable table, IReadOnlyList<PlanColumn> own)
    {
        (_context, _queries, _table, _width) = (queries.Context, queries, table, own.Count);
        RequireNames(table);
        if (table.Search is { } search)
            AddSearch(search, Places(search.Columns, own, "search"));
        if (table.Cycle is { } cycle)
            AddCycle(cycle, Places(cycle.Columns, own, "cycle"));
        var taken = own.Select(static column => column.Name).ToHashSet(StringComparer.Ordinal);
        if (_extras.Find(extra => !taken.Add(extra.Name.Name)) is { } doubled)
            throw BindingErrors.Syntax($"{doubled.What} column name \"{doubled.Name.Text}\" already used in WITH query column list",
                doubled.Name.Position);
    }

    /// <summary>How many columns there are.</summary>
    public int Count => _extras.Count;

    /// <summary>The rows of the first query, with the columns as a search begins.</summary>
    public LogicalPlan Start(LogicalPlan start) => Extend(start, static extra => extra.First);

    /// <summary>The step with the columns of the row that it came from; where a cycle was found it does not go on.</summary>
    /// <exception cref="SqlException">42601: the step is no SELECT; 0A000: it reads the table in a sub-query.</exception>
    public QueryBody Step(QueryBody body)
    {
        if (body is NestedQuery { Query: { CommonTables.Count: 0, OrderBy.Count: 0, Limit: null, Offset: null } inner })
            return Step(inner.Body);
        if (body is not SelectBody select)
            throw BindingErrors.Syntax("with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT", body.Position);
        var relation = select.From.Select(Relation).FirstOrDefault(static name => name is not null) ?? throw BindingErrors.NotSupported(
            $"with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{_table.Name.Text.ToLowerInvariant()}\" must be at " +
                "the top level of its right-hand SELECT",
            body.Position);
        ColumnReference Old(Extra extra) => new(new QualifiedName([relation, extra.Name], extra.Name.Position));
        var items = select.Items.Concat(_extras.Select(extra => new ExpressionItem(Old(extra), null, extra.Name.Position)));
        var where = select.Where;
        if (_table.Cycle is { } cycle)
        {
            var goesOn = new BinaryExpression("<>", Old(_extras[^2]), cycle.Value, cycle.Position);
            where = where is null ? goesOn : new LogicalExpression(true, [where, goesOn], cycle.Position);
        }

        return select with { Items = [.. items], Where = where };
    }

    /// <summary>The rows of a planned step, with what the columns become.</summary>
    /// <param name="step">The step's own columns, then those of the row it came from.</param>
    public LogicalPlan Next(LogicalPlan step) => Extend(step, static extra => extra.Next);

    private LogicalPlan Extend(LogicalPlan plan, Func<Extra, Expression> valueOf)
    {
        var columns = plan.Schema.Columns;
        var scope = new Scope(
            [.. columns.Select((column, i) => new ScopeColumn(null, i < _width ? $"{OwnColumn}{i}" : $"{OldColumn}{i - _width}", i,
                column.Type, ColumnRole.Value))], null);
        var binder = new ExpressionBinder(_context, scope, _queries) { Clause = "WITH" };
        var values = _extras.Select(extra => binder.Known(binder.Bind(valueOf(extra)), extra.Name.Position)).ToArray();
        return new LogicalProject(
            plan, [.. columns.Take(_width).Select(static (column, i) => new BoundColumn(i, column.Name, column.Type)), .. values],
            new PlanSchema(
                [.. columns.Take(_width).Select(static column => column with { Role = ColumnRole.Value }),
                    .. _extras.Select((extra, i) => new PlanColumn(extra.Name.Name, values[i].Type, ColumnRole.Value))],
                RelationKind.Rows));
    }

    // Depth first: the rows that led here, which sort by their beginnings. Breadth first: how many they are, then the row.
    private void AddSearch(SearchClause search, int[] places)
    {
        var position = search.Position;
        if (!search.IsBreadthFirst)
        {
            _extras.Add(new(search.Order, "search sequence", PathOf(places, position), LongerPath(places, _extras.Count, position)));
            return;
        }

        RowExpression Frame(Expression depth) => new([depth, .. places.Select(place => Column(OwnColumn, place, position))], position);
        var deeper = new BinaryExpression(
            "+", new FieldAccess(Column(OldColumn, _extras.Count, position), new Identifier("f1", true, position), false, position),
            One(position), position);
        _extras.Add(new(search.Order, "search sequence", Frame(NoSteps(position)), Frame(deeper)));
    }

    // A row that is on the way that led to it closes a cycle.
    private void AddCycle(CycleClause cycle, int[] places)
    {
        var position = cycle.Position;
        var path = _extras.Count + 1;
        CaseExpression Mark(Expression isCycle) => new(null, [new WhenClause(isCycle, cycle.Value, position)], cycle.Otherwise, position);
        var isOnPath = new QuantifiedExpression(RowOf(places, position), "=", false, Column(OldColumn, path, position), position);
        _extras.Add(new(cycle.Mark, "cycle mark", Mark(new BooleanLiteral(false, position)), Mark(isOnPath)));
        _extras.Add(new(cycle.Path, "cycle path", PathOf(places, position), LongerPath(places, path, position)));
    }

    // PostgreSQL counts them in a bigint.
    private static CastExpression NoSteps(TextPosition position) => new(
        new NumberLiteral("0", NumberKind.Integer, position),
        new NamedTypeSyntax(new QualifiedName([new Identifier("BIGINT", false, position)], position), [], position), position);

    private static NumberLiteral One(TextPosition position) => new("1", NumberKind.Integer, position);

    private static ColumnReference Column(string prefix, int index, TextPosition position) =>
        new(new QualifiedName([new Identifier($"{prefix}{index}", true, position)], position));

    private static RowExpression RowOf(int[] places, TextPosition position) =>
        new([.. places.Select(place => Column(OwnColumn, place, position))], position);

    private static ArrayExpression PathOf(int[] places, TextPosition position) => new([RowOf(places, position)], position);

    private static BinaryExpression LongerPath(int[] places, int old, TextPosition position) =>
        new("||", Column(OldColumn, old, position), PathOf(places, position), position);

    private Identifier? Relation(FromItem item) => item switch
    {
        TableReference { Name.IsQualified: false } table when table.Name.Last.Name == _table.Name.Name => table.Alias?.Name
            ?? table.Name.Last,
        JoinReference join => Relation(join.Left) ?? Relation(join.Right),
        _ => null,
    };

    private static void RequireNames(CommonTable table)
    {
        if (table is { Search: { } search, Cycle: { } other })
        {
            RequireDifferent(search.Order, other.Mark, "search sequence column name and cycle mark column name are the same");
            RequireDifferent(search.Order, other.Path, "search sequence column name and cycle path column name are the same");
        }

        if (table.Cycle is { } cycle)
            RequireDifferent(cycle.Mark, cycle.Path, "cycle mark column name and cycle path column name are the same");
    }

    private static void RequireDifferent(Identifier one, Identifier other, string message)
    {
        if (one.Name == other.Name)
            throw BindingErrors.Syntax(message, other.Position);
    }

    private static int[] Places(IReadOnlyList<Identifier> names, IReadOnlyList<PlanColumn> own, string what)
    {
        var places = new List<int>();
        foreach (var name in names)
        {
            var at = own.ToList().FindIndex(column => column.Name == name.Name);
            if (at < 0)
                throw BindingErrors.Syntax($"{what} column \"{name.Text}\" not in WITH query column list", name.Position);
            if (places.Contains(at))
                throw new SqlException(Npgsql.PostgresErrorCodes.DuplicateColumn, $"{what} column \"{name.Text}\" specified more than once",
                    position: name.Position);
            places.Add(at);
        }

        return [.. places];
    }

    /// <summary>A column: its name, what it is in errors, its value at the start, and what it becomes in a step.</summary>
    private sealed record Extra(Identifier Name, string What, Expression First, Expression Next);
}
