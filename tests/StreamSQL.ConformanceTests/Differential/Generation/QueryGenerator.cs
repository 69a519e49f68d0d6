using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>A generated query, its columns, and by which of them (from zero) its rows are in order.</summary>
internal sealed record GeneratedQuery(SqlNode Node, IReadOnlyList<Term> Columns, IReadOnlyList<int> Ordered)
{
    /// <summary>Whether zeros at the end of numerics are compared too: not where equal numbers become one.</summary>
    public bool CountsZeros { get; init; }
}

/// <summary>
/// One random query over the sample tables. What it can be is a list of shapes with weights: a new kind of query is a method and a line in
/// <see cref="Shapes"/>, a new function a line in <see cref="Template"/>, a new source a case of <see cref="FromGenerator"/>.
/// </summary>
internal sealed class QueryGenerator
{
    private readonly Random _random;
    private readonly ExpressionGenerator _expressions;
    private readonly AggregateGenerator _aggregates;
    private readonly FromGenerator _sources;
    private readonly WindowGenerator _windows;
    private readonly NumericQueries _numerics;
    private readonly Capabilities _capabilities;

    public QueryGenerator(Random random, IReadOnlyList<SampleTable> tables, Capabilities capabilities)
    {
        (_random, _capabilities) = (random, capabilities);
        var literals = new Literals(random);
        _expressions = new(random, literals, capabilities);
        _aggregates = new(random, _expressions, capabilities);
        _windows = new(random, _expressions, capabilities);
        _numerics = new(random, tables);
        _sources = new(random, tables, _expressions, literals, capabilities) { Query = depth => Nested(depth) };
        _expressions.Subqueries = new(random, _expressions, _sources, _aggregates, capabilities);
    }

    private IReadOnlyList<(int Weight, Func<GeneratedQuery> Make)> Shapes =>
    [
        (6, () => Ordered(Select(0, null, inexact: true))),
        (3, () => Ordered(Grouped(0, null, inexact: true))),
        (2, () => Ordered(Distinct(0))),
        (2, () => DistinctOn()),
        (2, () => Ordered(Combined(0))),
        (2, () => WithCommonTables()),
        (_capabilities.Has(Feature.WindowFunctions) ? 3 : 0, () => Ordered(Windowed())),
        (_capabilities.Has(Feature.GroupingSets) ? 2 : 0, () => Ordered(GroupingSets())),
        (_capabilities.Has(Feature.RecursiveTables) ? 2 : 0, () => Recursive()),
        (2, () => Risky()),
        (5, _numerics.Next),
        (1, () => Bare()),
    ];

    /// <summary>The next query.</summary>
    public GeneratedQuery Next()
    {
        var shapes = Shapes;
        var at = _random.Next(shapes.Sum(static shape => shape.Weight));
        foreach (var (weight, make) in shapes)
        {
            if ((at -= weight) < 0)
                return make();
        }

        throw new InvalidOperationException("the weights changed while they were added up");
    }

    /// <summary>A query whose columns are called c1, c2, ... and whose values are exact: for FROM and WITH.</summary>
    private GeneratedQuery Nested(int depth) => _random.Next(5) switch
    {
        0 => Grouped(depth, null, inexact: false),
        1 => Combined(depth),
        2 => Distinct(depth),
        _ => Select(depth, null, inexact: false),
    };

    private GeneratedQuery Select(int depth, IReadOnlyList<TermType>? types, bool inexact)
    {
        var from = _sources.Clause(depth);
        var scope = new ExpressionScope(from.Columns, depth);
        var columns = Items(types, scope, inexact);
        return new(Statement("SELECT ", columns, from, Where(scope), "", depth), columns, []);
    }

    private GeneratedQuery Grouped(int depth, IReadOnlyList<TermType>? types, bool inexact)
    {
        var from = _sources.Clause(depth);
        var scope = new ExpressionScope(from.Columns, depth);
        var keys = Enumerable.Range(0, _random.Next(0, 4)).Select(_ => Key(scope)).ToList();
        var aggregates = Enumerable.Range(0, _random.Next(1, 4))
            .Select(_ => _aggregates.Of((TermType)_random.Next((int)TermType.Texts + 1), scope)).OfType<Term>().ToList();
        var above = new ExpressionScope([.. keys, .. aggregates], depth) { AllowsQueries = false };
        var columns = types is null
            ? [.. keys, .. aggregates.Where(aggregate => inexact || !aggregate.Inexact), .. Items(null, above, inexact).Take(1)]
            : Items(types, above, inexact);
        var having = keys.Count > 0 && _random.Next(3) == 0
            ? SqlNode.Optional(" HAVING ", _expressions.Of(TermType.Bool, above, 2).Node) : "";
        var grouping = SqlNode.ListOf(" GROUP BY ", ", ", 0, keys.Select(static key => key.Node));
        var group = new SqlNode(null, [grouping, having]);
        // Without a key and an aggregate in the list this is no grouping at all, unless HAVING makes it one.
        return new(Statement("SELECT ", columns, from, Where(scope), group, depth), columns, []);
    }

    /// <summary>A column to group by, or an expression over columns: a constant would be a column's number.</summary>
    private Term Key(ExpressionScope scope)
    {
        var leaves = scope.Leaves.Where(static leaf => !leaf.Inexact).ToList();
        var leaf = leaves[_random.Next(leaves.Count)];
        return _random.Next(4) == 0 && leaf.Type == TermType.Int
            ? leaf with { Node = Nodes.Of(TermType.Int, "(", leaf.Node, " % 3)"), Max = 2 }
            : leaf;
    }

    /// <summary>Window functions over one table, whose first column tells its rows apart.</summary>
    private GeneratedQuery Windowed()
    {
        var from = _sources.Table();
        var scope = new ExpressionScope(from.Columns, 0);
        var windows = _windows.Some(scope, from.Columns[0]);
        List<Term> columns = [from.Columns[0], .. windows];
        if (_random.Next(3) == 0)
            columns.AddRange(Items(null, new([.. from.Columns, .. windows], 0) { AllowsQueries = false }, inexact: true).Take(1));
        return new(Statement("SELECT ", columns, from, Where(scope), "", 0), columns, []);
    }

    private GeneratedQuery GroupingSets()
    {
        var from = _sources.Clause(0);
        var scope = new ExpressionScope(from.Columns, 0);
        var keys = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Key(scope)).DistinctBy(static key => key.Node.ToString()).ToList();
        var aggregates = Enumerable.Range(0, _random.Next(1, 3))
            .Select(_ => _aggregates.Of((TermType)_random.Next((int)TermType.Texts + 1), scope)).OfType<Term>().ToList();
        var grouping = new Term(Nodes.Of(TermType.Int, "grouping(", SqlNode.ListOf("", ", ", 1, keys.Select(static key => key.Node)), ")"),
            TermType.Int, 8);
        List<Term> columns = [.. keys, grouping, .. aggregates];
        var elements = SqlNode.ListOf(" GROUP BY ", ", ", 1,
            Enumerable.Range(0, _random.Next(1, 3)).Select(i => GroupingElement(keys, isFirst: i == 0)));
        var having = _random.Next(4) == 0 ? SqlNode.Optional(" HAVING ",
            _expressions.Of(TermType.Bool, new([.. keys, .. aggregates], 0) { AllowsQueries = false }, 1).Node) : "";
        return new(Statement("SELECT ", columns, from, Where(scope), new(null, [elements, having]), 0), columns, []);
    }

    /// <summary>An element of GROUP BY; the first names all keys.</summary>
    private SqlNode GroupingElement(IReadOnlyList<Term> keys, bool isFirst)
    {
        SqlNode Set(IEnumerable<Term> some) => new(null, ["(", SqlNode.ListOf("", ", ", 0, some.Select(static key => key.Node)), ")"]);
        SqlNode Some() => Set(keys.Where(_ => _random.Next(2) == 0));
        if (!isFirst)
            return _random.Next(2) == 0 ? keys[_random.Next(keys.Count)].Node : new(null, ["GROUPING SETS (", Some(), ", ", Some(), ")"]);
        return _random.Next(3) == 0
            ? new(null, ["GROUPING SETS (", Set(keys),
                SqlNode.ListOf(", ", ", ", 0, Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Some())), ")"])
            : new(null, [Pick("ROLLUP ", "CUBE "), Set(keys)]);
    }

    /// <summary>A recursion of a number that grows and another value, at most eight steps.</summary>
    private GeneratedQuery Recursive()
    {
        TermType[] possible = [TermType.Int, TermType.Text, TermType.Date, TermType.Bool];
        var type = possible[_random.Next(possible.Length)];
        var from = _sources.Table();
        var start = _expressions.Of(type, new(from.Columns, 2) { AllowsQueries = false }, 1);
        Term[] own = [Term.Leaf("w1.c1", TermType.Int, 10), Term.Leaf("w1.c2", type, start.Max)];
        var next = _expressions.Of(type, new(own, 2) { AllowsQueries = false }, 2);
        var union = Pick(" UNION ALL ", " UNION ALL ", " UNION ");
        var order = (_random.Next(6) > 0 || !_capabilities.Has(Feature.SearchAndCycle)) ? ""
            : Pick(" SEARCH DEPTH FIRST BY c1, c2 SET c3", " SEARCH BREADTH FIRST BY c1 SET c3", " CYCLE c1, c2 SET c3 USING c4",
                " CYCLE c2 SET c3 TO 'y' DEFAULT 'n' USING c4");
        var body = new SqlNode(null, ["SELECT ", from.Columns[0].Node, " % 5, ", start.Node, " FROM ", from.Node, union,
            "SELECT w1.c1 + 1, ", next.Node, " FROM w1 WHERE w1.c1 < 4",
            SqlNode.Optional(" AND ", _expressions.Of(TermType.Bool, new(own, 2) { AllowsQueries = false }, 1).Node)]);
        var columns = own.Select(static term => term with { Node = Nodes.Of(term.Type, term.Node.ToString()) }).ToList();
        var main = new GeneratedQuery(Nodes.Query(Types(columns), "SELECT ",
            SqlNode.ListOf("", ", ", 2, columns.Select(static column => column.Node)),
            order.Length > 0 && _random.Next(2) == 0 ? ", c3" : "", " FROM w1"), columns, []);
        var ordered = order.Length > 0 ? main : Ordered(main);
        return ordered with { Node = new SqlNode(ordered.Node.Kind,
            ["WITH RECURSIVE w1 (c1, c2) AS (", body, $"){order} ", ordered.Node]) };
    }

    private GeneratedQuery Distinct(int depth)
    {
        var from = _sources.Clause(depth);
        var scope = new ExpressionScope(from.Columns, depth);
        var columns = Items(null, scope, inexact: false).Take(3).ToList();
        return new(Statement("SELECT DISTINCT ", columns, from, Where(scope), "", depth), columns, []);
    }

    /// <summary>DISTINCT ON with an order by all columns, so that the row that stays is known.</summary>
    private GeneratedQuery DistinctOn()
    {
        var from = _sources.Clause(0);
        var scope = new ExpressionScope(from.Columns, 0);
        var columns = from.Columns.Where(static column => column.Type != TermType.Json).OrderBy(_ => _random.Next())
            .Take(_random.Next(2, 5)).ToList();
        var on = columns.Take(_random.Next(1, 2)).ToList();
        var order = columns.Select(column => new SqlNode(null, [column.Node, Direction()]));
        var head = new SqlNode(null, [SqlNode.ListOf("SELECT DISTINCT ON (", ", ", 1, on.Select(static column => column.Node)), ") "]);
        return new(Statement(head, columns, from, Where(scope), SqlNode.ListOf(" ORDER BY ", ", ", columns.Count, order), 0), columns,
            [.. Enumerable.Range(0, columns.Count)]);
    }

    private GeneratedQuery Combined(int depth)
    {
        TermType[] types = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => (TermType)_random.Next((int)TermType.Ints))];
        var parts = new List<SqlNode>();
        for (var i = _random.Next(2, 4); i > 0; i--)
        {
            var arm = _random.Next(4) == 0 ? Grouped(depth, types, inexact: false) : Select(depth, types, inexact: false);
            parts.Add(new(null, ["(", arm.Node, ")"]));
            if (i > 1)
                parts.Add(Pick(" UNION ", " UNION ALL ", " INTERSECT ", " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL "));
        }

        return new(Nodes.Query(types, [.. parts]), [.. types.Select(static type => new Term(Nodes.Of(type, ""), type, 9e18, 8))], []);
    }

    private GeneratedQuery WithCommonTables()
    {
        var definitions = new List<SqlNode>();
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            var query = Nested(1);
            var name = $"w{definitions.Count + 1}";
            definitions.Add(new(null, [$"{name} AS {Pick("", "", "MATERIALIZED ", "NOT MATERIALIZED ")}(", query.Node, ")"]));
            _sources.CommonTables.Add((name, query.Columns));
        }

        var main = Ordered(_random.Next(2) == 0 ? Select(0, null, inexact: true) : Grouped(0, null, inexact: true));
        return main with { Node = Nodes.Query(main.Columns.Select(static column => column.Type),
            SqlNode.ListOf("WITH ", ", ", 0, definitions), " ", main.Node) };
    }

    /// <summary>
    /// Expressions that may fail, in the select list of one table, where it does not depend on the plan whether they are evaluated.
    /// </summary>
    private GeneratedQuery Risky()
    {
        _expressions.Risky = true;
        var from = _sources.Table();
        var columns = Items(null, new(from.Columns, 2) { AllowsQueries = false }, inexact: true);
        _expressions.Risky = false;
        return new(Statement("SELECT ", columns, from, "", "", 0), columns, []);
    }

    /// <summary>Without FROM, or VALUES alone.</summary>
    private GeneratedQuery Bare()
    {
        var scope = new ExpressionScope([], 1);
        if (_random.Next(2) == 0)
        {
            var columns = Items(null, scope, inexact: true);
            return new(Nodes.Query(Types(columns), SqlNode.ListOf("SELECT ", ", ", 1, columns.Select(static column => column.Node))),
                columns, []);
        }

        TermType[] types = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => (TermType)_random.Next((int)TermType.Ints))];
        var rows = Enumerable.Range(0, _random.Next(1, 4))
            .Select(_ => new SqlNode(null,
                [SqlNode.ListOf("(", ", ", types.Length, types.Select(type => _expressions.Of(type, scope, 2).Node)), ")"]));
        return Ordered(new(Nodes.Query(types, SqlNode.ListOf("VALUES ", ", ", 1, rows)),
            [.. types.Select(static type => new Term(Nodes.Of(type, ""), type))], []));
    }

    private List<Term> Items(IReadOnlyList<TermType>? types, ExpressionScope scope, bool inexact) => types is null
        ? [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _expressions.Any(scope, 3, inexact))]
        : [.. types.Select(type => _expressions.Of(type, scope, 2))];

    private SqlNode Where(ExpressionScope scope) =>
        _random.Next(3) == 0 ? "" : SqlNode.ListOf(" WHERE ", " AND ", 0,
            Enumerable.Range(0, _random.Next(1, 3)).Select(_ => _expressions.Of(TermType.Bool, scope, 3).Node));

    /// <summary>
    /// Below the top the columns are called c1, c2, ...; at the top they have such a name, or none, or one with both cases.
    /// </summary>
    private SqlNode Statement(SqlNode head, IReadOnlyList<Term> columns, Source from, SqlNode where, SqlNode rest, int depth)
    {
        var items = columns.Select((column, i) =>
            new SqlNode(null,
                [column.Node, depth > 0 ? $" AS c{i + 1}" : Pick("", "", $" AS c{i + 1}", $" a{i + 1}", $" AS \"Mixed {i + 1}\"")]));
        return Nodes.Query(Types(columns), head, SqlNode.ListOf("", ", ", depth > 0 ? columns.Count : 1, items), " FROM ", from.Node,
            where, rest);
    }

    /// <summary>Adds an order, and LIMIT and OFFSET where the order is by all columns.</summary>
    private GeneratedQuery Ordered(GeneratedQuery query)
    {
        var exact = Enumerable.Range(0, query.Columns.Count)
            .Where(i => query.Columns[i] is { Inexact: false, Type: not TermType.Json }).ToList();
        if (exact.Count == 0 || _random.Next(3) == 0)
            return query;
        var all = exact.Count == query.Columns.Count && _random.Next(2) == 0;
        var by = all ? [.. exact.OrderBy(_ => _random.Next())] : exact.Take(_random.Next(1, exact.Count + 1)).ToList();
        // Left out while shrinking, the numbers that stay are still those of columns; that the rows are in that order is then not asked.
        var order = SqlNode.ListOf(" ORDER BY ", ", ", by.Count, by.Select(i => (SqlNode)$"{i + 1}{Direction()}"));
        var limit = all && _random.Next(2) == 0 ? SqlNode.Optional($" LIMIT {_random.Next(0, 12)}",
            _random.Next(2) == 0 ? SqlNode.Optional($" OFFSET {_random.Next(0, 5)}") : "") : "";
        return query with { Node = new(query.Node.Kind, [query.Node, order, limit]), Ordered = by };
    }

    private string Direction() => Pick("", "", " DESC", " ASC", " NULLS FIRST", " DESC NULLS LAST", " ASC NULLS LAST");

    private static IEnumerable<TermType> Types(IReadOnlyList<Term> columns) => columns.Select(static column => column.Type);

    private string Pick(params ReadOnlySpan<string> items) => items[_random.Next(items.Length)];
}
