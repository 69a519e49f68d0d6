using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>Something that a FROM clause names: its text and the columns that can be named from outside.</summary>
/// <param name="Node">The text.</param>
/// <param name="Columns">The columns, as they are named from outside.</param>
/// <param name="Unqualified">The columns' names, where all can be used without the table's name; for USING and NATURAL.</param>
internal sealed record Source(SqlNode Node, IReadOnlyList<Term> Columns, IReadOnlyList<(string Name, Term Column)> Unqualified);

/// <summary>FROM clauses: tables, sub-queries, VALUES, common tables, and joins of every kind between them.</summary>
internal sealed class FromGenerator(Random random, IReadOnlyList<SampleTable> tables, ExpressionGenerator expressions, Literals literals,
    Capabilities capabilities)
{
    private int _aliases;

    /// <summary>Makes derived tables; set by the generator of queries.</summary>
    public Func<int, GeneratedQuery>? Query { get; set; }

    /// <summary>The common tables that can be named where the FROM clause stands.</summary>
    public List<(string Name, IReadOnlyList<Term> Columns)> CommonTables { get; } = [];

    /// <summary>A FROM clause of one to three sources.</summary>
    public Source Clause(int depth)
    {
        var left = Primary(depth);
        for (var joins = random.Next(6) switch { 0 or 1 => 0, 2 or 3 or 4 => 1, _ => 2 }; joins > 0; joins--)
            left = random.Next(8) == 0 && capabilities.Has(Feature.Lateral) ? Lateral(left, depth) : Join(left, Primary(depth), depth);
        return left;
    }

    /// <summary>A table under an alias of its own.</summary>
    public Source Table()
    {
        var table = tables[random.Next(6) == 0 ? 0 : random.Next(1, tables.Count)]; // the first is empty
        var alias = NextAlias();
        return Named($"{table.Name}{(random.Next(2) == 0 ? " AS " : " ")}{alias}", alias,
            [.. table.Columns.Select(column => (column.Name, Term.Leaf(column.Name, column.Type, column.Max, column.Scale)))]);
    }

    private Source Primary(int depth)
    {
        var choice = random.Next(10);
        if (choice == 0 && depth < 2 && Query is not null)
            return Derived(depth);
        if (choice == 1)
            return Values();
        if (choice == 4 && random.Next(2) == 0 && capabilities.Has(Feature.Series))
            return Series();
        if (choice is 2 or 3 && CommonTables.Count > 0)
            return Common();
        return Table();
    }

    private Source Derived(int depth)
    {
        var query = Query!(depth + 1);
        var alias = NextAlias();
        return Named(new(null, ["(", query.Node, $") AS {alias}"]), alias,
            [.. query.Columns.Select(static (column, i) => ($"c{i + 1}", column))]);
    }

    private Source Common()
    {
        var (name, columns) = CommonTables[random.Next(CommonTables.Count)];
        var alias = NextAlias();
        return Named($"{name} {alias}", alias, [.. columns.Select(static (column, i) => ($"c{i + 1}", column))]);
    }

    private Source Values()
    {
        var alias = NextAlias();
        TermType[] types = [TermType.Int, TermType.Text, (TermType)random.Next((int)TermType.Interval)];
        var rows = Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => new SqlNode(null, ["(", .. types.SelectMany((type, i) => new SqlNode[] { i == 0 ? "" : ", ", Cell(type) }), ")"]))
            .ToList();
        return Named(new(null, ["(", SqlNode.ListOf("VALUES ", ", ", 1, rows), $") AS {alias} (i, s, v)"]), alias,
            [("i", Term.Leaf("i", types[0], 1000)), ("s", Term.Leaf("s", types[1])), ("v", Term.Leaf("v", types[2], 10_000, 4))]);

        SqlNode Cell(TermType type) => new(null, ["(", literals.Constant(type).Node, $")::{Nodes.Name(type)}"]);
    }

    private Source Series()
    {
        var alias = NextAlias();
        if (random.Next(2) == 0)
        {
            var call = $"generate_series({random.Next(-2, 3)}, {random.Next(0, 6)}{Pick("", ", 2")})";
            return Named($"{call} AS {alias} (i)", alias, [("i", Term.Leaf("i", TermType.Int, 10))]);
        }

        var type = random.Next(2) == 0 ? TermType.Ints : TermType.Texts;
        var element = type == TermType.Ints ? TermType.Int : TermType.Text;
        return Named(new(null, ["unnest(", literals.Constant(type).Node, $"::{Nodes.Name(type)}) WITH ORDINALITY AS {alias} (v, n)"]),
            alias,
            [("v", Term.Leaf("v", element, 1000)), ("n", Term.Leaf("n", TermType.BigInt, 10))]);
    }

    /// <summary>A query that reads the rows before it: some columns of some rows, or an aggregate of them.</summary>
    private Source Lateral(Source left, int depth)
    {
        var inner = Table();
        var scope = new ExpressionScope([.. inner.Columns, .. left.Columns], depth + 1) { AllowsQueries = false };
        var columns = Enumerable.Range(0, random.Next(1, 3))
            .Select(_ => expressions.Of((TermType)random.Next((int)TermType.Json), scope, 1)).ToList();
        var items = SqlNode.ListOf("", ", ", columns.Count,
            columns.Select(static (column, i) => new SqlNode(null, [column.Node, $" AS c{i + 1}"])));
        var pairs = left.Columns.SelectMany(l => inner.Columns.Where(r => r.Type == l.Type && l.Type < TermType.Interval)
            .Select(r => (l, r))).ToList();
        var where = SqlNode.Optional(" WHERE ", expressions.Of(TermType.Bool, scope, 1).Node);
        if (pairs.Count > 0 && random.Next(4) > 0)
        {
            var (a, b) = pairs[random.Next(pairs.Count)];
            where = SqlNode.Optional(" WHERE ", a.Node, Pick(" = ", " = ", " < "), b.Node);
        }

        var limit = random.Next(3) == 0
            ? $" ORDER BY {string.Join(", ", columns.Select(static (_, i) => $"{i + 1}"))} LIMIT {random.Next(1, 4)}" : "";
        var alias = NextAlias();
        var query = new SqlNode(null, [random.Next(2) == 0 ? " CROSS JOIN LATERAL (SELECT " : ", LATERAL (SELECT ", items, " FROM ",
            inner.Node, where, limit, $") AS {alias}"]);
        var optional = new SqlNode(null,
            [" LEFT JOIN LATERAL (SELECT ", items, " FROM ", inner.Node, where, limit, $") AS {alias} ON true"]);
        var right = Named("", alias, [.. columns.Select(static (column, i) => ($"c{i + 1}", column))]);
        return Pair(left, "", right with { Node = random.Next(2) == 0 ? query : optional }, "");
    }

    private Source Join(Source left, Source right, int depth)
    {
        var shared = left.Unqualified.Where(column =>
            right.Unqualified.Any(other => other.Name == column.Name && other.Column.Type == column.Column.Type)).ToList();
        var ambiguous = left.Unqualified.GroupBy(static column => column.Name).Any(static group => group.Count() > 1);
        var kind = Pick("JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "FULL JOIN", "FULL OUTER JOIN");
        var canMerge = !ambiguous && (capabilities.Has(Feature.FullJoinUsing) || !kind.StartsWith("FULL", StringComparison.Ordinal));
        switch (random.Next(8))
        {
            case 0:
                return Pair(left, random.Next(2) == 0 ? " CROSS JOIN " : ", ", right, "");
            case 1 when shared.Count > 0 && canMerge:
                var names = shared.OrderBy(_ => random.Next()).Take(random.Next(1, 3)).Select(static column => column.Name).ToList();
                return Merge(left, $" {kind} ", right, $" USING ({string.Join(", ", names)})", names);
            case 2 when canMerge && left.Unqualified.Count < 8
                && right.Unqualified.All(column =>
                    left.Unqualified.All(other => other.Name != column.Name || other.Column.Type == column.Column.Type)):
                return Merge(left, $" NATURAL {kind} ", right, "", [.. shared.Select(static column => column.Name)]);
            default:
                return Pair(left, $" {kind} ", right, new SqlNode(null, [" ON ", Condition(left, right, depth)]));
        }
    }

    /// <summary>Mostly an equality, sometimes more; full joins can have only what can be hashed or merged.</summary>
    private SqlNode Condition(Source left, Source right, int depth)
    {
        var pairs = left.Columns.SelectMany(l => right.Columns.Where(r => r.Type == l.Type && l.Type < TermType.Interval)
            .Select(r => (l, r))).ToList();
        var scope = new ExpressionScope([.. left.Columns, .. right.Columns], depth) { AllowsQueries = false };
        if (pairs.Count == 0)
            return "true";
        var (a, b) = pairs[random.Next(pairs.Count)];
        var equality = new SqlNode(null, [a.Node, " = ", b.Node]);
        return random.Next(3) == 0 ? new(null, [equality, SqlNode.Optional(" AND ", expressions.Of(TermType.Bool, scope, 1).Node)])
            : equality;
    }

    private static Source Pair(Source left, string join, Source right, SqlNode condition) =>
        new(new(null, [left.Node, join, right.Node, condition]) { Kind = null }, [.. left.Columns, .. right.Columns],
            [.. left.Unqualified, .. right.Unqualified]);

    /// <summary>The columns joined by name are named without a table from then on; their values are those of either side.</summary>
    private static Source Merge(Source left, string join, Source right, string condition, IReadOnlyList<string> names)
    {
        var merged = left.Unqualified.Where(column => names.Contains(column.Name))
            .Select(static column => (column.Name, column.Column with { Node = Nodes.Of(column.Column.Type, column.Name) })).ToList();
        var rest = left.Unqualified.Concat(right.Unqualified).Where(column => !names.Contains(column.Name)).ToList();
        return new(new(null, [left.Node, join, right.Node, condition]),
            [.. merged.Select(static column => column.Item2), .. rest.Select(static column => column.Column)],
            [.. merged, .. rest]);
    }

    private static Source Named(SqlNode node, string alias, IReadOnlyList<(string Name, Term Column)> columns)
    {
        var qualified = columns.Select(column =>
            (column.Name, column.Column with { Node = Nodes.Of(column.Column.Type, $"{alias}.{column.Name}") })).ToList();
        return new(node, [.. qualified.Select(static column => column.Item2)], qualified);
    }

    private string NextAlias() => $"r{++_aliases}";

    private string Pick(params ReadOnlySpan<string> items) => items[random.Next(items.Length)];
}
