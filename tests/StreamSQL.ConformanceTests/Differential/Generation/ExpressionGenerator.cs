using System.Globalization;
using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>
/// What an expression may name: columns (or, above a GROUP BY, keys and aggregates), and the sub-queries that can stand in it.
/// </summary>
/// <param name="Leaves">What can be named.</param>
/// <param name="Depth">How many queries stand around.</param>
internal sealed record ExpressionScope(IReadOnlyList<Term> Leaves, int Depth)
{
    /// <summary>Whether sub-queries can stand here.</summary>
    public bool AllowsQueries { get; init; } = true;
}

/// <summary>
/// Expressions of a wanted type over what a scope names. Numbers are kept so small that nothing fails by accident, unless
/// <see cref="Risky"/>: then operands are taken as they come.
/// </summary>
internal sealed class ExpressionGenerator(Random random, Literals literals, Capabilities capabilities)
{
    private static readonly TermType[] Orderable =
        [TermType.Int, TermType.BigInt, TermType.Double, TermType.Decimal, TermType.Text, TermType.Date, TermType.Time, TermType.Timestamp,
            TermType.Bool, TermType.Interval, TermType.Plain, TermType.Bytes];

    /// <summary>Whether operands may be so large that the expression fails.</summary>
    public bool Risky { get; set; }

    /// <summary>Makes sub-queries; set by the generator of queries, which makes its expressions here.</summary>
    public SubqueryGenerator? Subqueries { get; set; }

    /// <summary>An expression of some type; with <paramref name="inexact"/>, one whose last digits may differ.</summary>
    public Term Any(ExpressionScope scope, int depth, bool inexact = false) =>
        Of((TermType)random.Next((int)TermType.Json + 1), scope, depth, inexact);

    public Term Of(TermType type, ExpressionScope scope, int depth, bool inexact = false)
    {
        if (depth <= 0 || random.Next(5) == 0)
            return Leaf(type, scope);
        var choice = random.Next(20);
        if (choice < 5 && IsNumber(type))
            return Arithmetic(type, scope, depth);
        if (choice < 9 && type == TermType.Bool)
            return Logic(scope, depth);
        if (choice < 13 && type == TermType.Bool)
            return Comparison(scope, depth);
        if (choice == 13 && scope is { AllowsQueries: true, Depth: < 2 } && Subqueries?.Expression(type, scope) is { } query)
            return query;
        if (choice < 17 && FromTemplate(type, scope, depth, inexact) is { } term)
            return term;
        return AnyTypeForm(type, scope, depth);
    }

    /// <summary>A column of the type, or else a constant.</summary>
    public Term Leaf(TermType type, ExpressionScope scope)
    {
        var leaves = scope.Leaves.Where(leaf => leaf.Type == type && !leaf.Inexact).ToList();
        return leaves.Count > 0 && random.Next(5) > 0 ? leaves[random.Next(leaves.Count)] : literals.Constant(type);
    }

    /// <summary>One whose magnitude is at most so large.</summary>
    public Term Bounded(TermType type, ExpressionScope scope, int depth, double max)
    {
        var term = Of(type, scope, depth);
        if (Risky || term.Max <= max)
            return term;
        if (type == TermType.Double)
            return literals.Constant(type);
        var modulus = Math.Pow(10, Math.Floor(Math.Log10(max)));
        return new(Nodes.Of(type, "(", term.Node, $" % {modulus.ToString("F0", CultureInfo.InvariantCulture)})"), type, modulus,
            term.Scale);
    }

    private static bool IsNumber(TermType type) => type is TermType.Int or TermType.BigInt or TermType.Double or TermType.Decimal;

    private Term Arithmetic(TermType type, ExpressionScope scope, int depth)
    {
        var op = Pick("+", "-", "*");
        var limit = (type, op) switch
        {
            (TermType.Int, "*") => 30_000,
            (TermType.Int, _) => 1e9,
            (_, "*") => 1e6,
            _ => 1e12,
        };
        var left = Bounded(type, scope, depth - 1, limit);
        var right = Bounded(type, scope, depth - 1, limit);
        if (type == TermType.Decimal && (left.Scale + right.Scale > 8 || left.Whole + right.Whole > 18))
            return left;
        if (random.Next(8) == 0)
            return new(Nodes.Of(type, "(- ", left.Node, ")"), type, left.Max, left.Scale);
        var max = op == "*" ? left.Max * right.Max : left.Max + right.Max;
        var scale = op == "*" ? left.Scale + right.Scale : Math.Max(left.Scale, right.Scale);
        if (type is TermType.BigInt or TermType.Decimal && random.Next(4) == 0)
            right = Bounded(TermType.Int, scope, 0, limit) is var narrow ? right with { Node = narrow.Node } : right;
        return new(Nodes.Of(type, "(", left.Node, $" {op} ", right.Node, ")"), type, max, scale);
    }

    private Term Logic(ExpressionScope scope, int depth)
    {
        if (random.Next(4) == 0)
            return Bool("(NOT ", Of(TermType.Bool, scope, depth - 1).Node, ")");
        var left = Of(TermType.Bool, scope, depth - 1).Node;
        return Bool("(", left, random.Next(2) == 0 ? " AND " : " OR ", Of(TermType.Bool, scope, depth - 1).Node, ")");
    }

    private Term Comparison(ExpressionScope scope, int depth)
    {
        var type = Pick(Orderable);
        var left = Of(type, scope, depth - 1).Node;
        SqlNode Next() => Of(type, scope, depth - 1).Node;
        switch (random.Next(8))
        {
            case 0:
                return Bool("(", left, random.Next(3) == 0 ? " NOT" : "", " BETWEEN ", Next(), " AND ", Next(), ")");
            case 1:
                return Bool("(", left, random.Next(3) == 0 ? " NOT" : "", " IN (",
                    SqlNode.ListOf("", ", ", 1, Enumerable.Range(0, random.Next(1, 4)).Select(_ => Next())), "))");
            case 2 when random.Next(3) == 0:
                var (first, second) = (Pick(Orderable), Pick(Orderable));
                SqlNode Row() => new(null, ["(", Of(first, scope, 0).Node, ", ", Of(second, scope, 0).Node, ")"]);
                return random.Next(2) == 0
                    ? Bool("(", Row(), $" {Operator()} ", Row(), ")")
                    : Bool("(", Row(), random.Next(2) == 0 ? " IN (" : " NOT IN (",
                        SqlNode.ListOf("", ", ", 1, Enumerable.Range(0, random.Next(1, 3)).Select(_ => Row())), "))");
            case 2:
                return Bool("(", left, random.Next(2) == 0 ? " IS NULL)" : " IS NOT NULL)");
            case 3:
                return Bool("(", left, random.Next(2) == 0 ? " IS DISTINCT FROM " : " IS NOT DISTINCT FROM ", Next(), ")");
            case 4 when IsNumber(type):
                return Bool("(", left, $" {Operator()} ",
                    Of(Pick(TermType.Int, TermType.BigInt, TermType.Double, TermType.Decimal), scope, depth - 1).Node, ")");
            default:
                return Bool("(", left, $" {Operator()} ", Next(), ")");
        }
    }

    private string Operator() => Pick("=", "<>", "<", "<=", ">", ">=", "!=");

    private Term? FromTemplate(TermType type, ExpressionScope scope, int depth, bool inexact)
    {
        var templates = Template.All[type].Where(template => (inexact || !template.Inexact) && capabilities.Has(template)).ToList();
        if (templates.Count == 0)
            return null;
        var template = templates[random.Next(templates.Count)];
        var parts = new SqlNode[template.Pieces.Count];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = i % 2 == 0 ? template.Pieces[i] : Place(template.Pieces[i], scope, depth - 1);
        return new(Nodes.Of(type, ["(", .. parts, ")"]), type, template.Max, template.Scale, template.Inexact);
    }

    /// <summary>
    /// What stands at a template's place: a dot at the end asks for small numbers, a minus for a constant that is safe there.
    /// </summary>
    private SqlNode Place(string place, ExpressionScope scope, int depth) => place switch
    {
        "small" => Constant(literals.SmallInt() % 7),
        "natural" => Constant(random.Next(0, 6)),
        "positive" => Constant(random.Next(1, 6)),
        "nonzero" => Constant(Pick(1, 2, 3, 7, 10, -2)),
        "pattern" => Literals.Quoted(literals.Pattern()),
        "similar" => Pick("'a%'", "'(a|b)%'", "'[a-c]+'", "'_'", "'%c'", "'a{1,3}'"),
        "regex" => Literals.Quoted(literals.Regex()),
        "text-" => Pick("'2020-01-31'", "'1999-12-31'"),
        _ when place.EndsWith('.') => Bounded(Template.TypeOf(place[..^1]), scope, depth, 1e6).Node,
        _ => Of(Template.TypeOf(place), scope, depth).Node,
    };

    private static SqlNode Constant(int number) => Nodes.Of(TermType.Int, number < 0 ? $"({number})" : $"{number}");

    /// <summary>CASE, COALESCE and the like, which every type has.</summary>
    private Term AnyTypeForm(TermType type, ExpressionScope scope, int depth)
    {
        var first = Of(type, scope, depth - 1);
        var second = Of(type, scope, depth - 1);
        Term Made(params SqlNode[] parts) =>
            new(Nodes.Of(type, parts), type, Math.Max(first.Max, second.Max), Math.Max(first.Scale, second.Scale));
        SqlNode Condition() => Of(TermType.Bool, scope, depth - 1).Node;
        switch (random.Next(6))
        {
            case 0:
                return Made("COALESCE(", first.Node, ", ", second.Node, ")");
            case 1:
                return Made("NULLIF(", first.Node, ", ", second.Node, ")");
            case 2 when Orderable.Contains(type):
                return Made(random.Next(2) == 0 ? "GREATEST(" : "LEAST(", first.Node, ", ", second.Node, ")");
            case 3:
                var subject = Pick(TermType.Int, TermType.Text);
                return Made("(CASE ", Of(subject, scope, depth - 1).Node, " WHEN ", Of(subject, scope, 0).Node, " THEN ", first.Node,
                    " ELSE ", second.Node, " END)");
            case 4:
                return Made("(CASE WHEN ", Condition(), " THEN ", first.Node, " WHEN ", Condition(), " THEN ", second.Node, " END)");
            default:
                return Made("(CASE WHEN ", Condition(), " THEN ", first.Node, " ELSE ", second.Node, " END)");
        }
    }

    private static Term Bool(params SqlNode[] parts) => new(Nodes.Of(TermType.Bool, parts), TermType.Bool);

    private T Pick<T>(params ReadOnlySpan<T> items) => items[random.Next(items.Length)];
}
