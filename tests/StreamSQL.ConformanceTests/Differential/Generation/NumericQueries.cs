using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>
/// Queries over numerics of differing scale, all of whose digits are compared. Where equal values of several scales become one (keys,
/// DISTINCT, MIN), it is not said which of them that is: zeros at the end are cut off there.
/// </summary>
internal sealed class NumericQueries(Random random, IReadOnlyList<SampleTable> tables)
{
    private readonly NumericGenerator _numbers = new(random);

    /// <summary>The next query.</summary>
    public GeneratedQuery Next()
    {
        _numbers.AllowsSpecials = random.Next(4) == 0;
        var query = random.Next(10) switch
        {
            < 4 => Rows(),
            4 or 5 => Grouped(),
            6 => Windowed(),
            7 => Combined(),
            8 => Joined(),
            _ => Ordered(),
        };
        return query with { CountsZeros = true };
    }

    private GeneratedQuery Rows() =>
        Query("SELECT id, ", SqlNode.ListOf("", ", ", 1, Some(3, () => _numbers.Any(3))), " FROM ", Source("v"), Where());

    private GeneratedQuery Ordered() =>
        Query("SELECT ", _numbers.Of(2), " AS x, id FROM ", Source("v"), Where(), " ORDER BY x", Pick("", " DESC", " NULLS FIRST"), ", id")
            with { Ordered = [0, 1] };

    private GeneratedQuery Grouped()
    {
        // No constants, which are numbers of columns or left alone by PostgreSQL's grouping sets.
        var isCondition = random.Next(3) == 0;
        var key = isCondition ? Pick("a < b", "a = b", "b IS DISTINCT FROM n") : Pick("a", "b", "a / 3", "a * b", "round(b, 1)",
            "n::numeric");
        var shown = isCondition ? key : $"trim_scale({key})";
        var aggregates = SqlNode.ListOf("", ", ", 1, Some(4, Aggregate));
        return random.Next(3) == 0
            ? Query("SELECT ", aggregates, " FROM ", Source("v"), Where())
            : Query("SELECT ", shown, ", ", aggregates, " FROM ", Source("v"), Where(),
                Pick(" GROUP BY (", " GROUP BY ROLLUP ("), $"{key})");
    }

    private SqlNode Aggregate()
    {
        var value = _numbers.Of(2);
        return random.Next(10) switch
        {
            0 => new(null, [Pick("sum(", "avg("), Pick("n", "n::bigint", "n::smallint"), ")"]),
            1 => new(null, [Pick("stddev(", "stddev_pop(", "variance(", "var_pop("), random.Next(3) == 0 ? "n" : value, ")"]),
            2 => new(null, ["trim_scale(", Pick("min(", "max("), value, "))"]),
            3 => new(null, ["count(DISTINCT ", value, ")"]),
            4 => new(null, ["array_agg(", value, " ORDER BY id)"]),
            5 => new(null, ["trim_scale(sum(DISTINCT ", value, "))"]),
            6 => new(null, ["string_agg((", value, ")::text, ',' ORDER BY id)"]),
            7 => new(null, [Pick("sum(", "avg("), value, ")", SqlNode.Optional(" FILTER (WHERE ", _numbers.Condition(1), ")")]),
            _ => new(null, [Pick("sum(", "avg("), value, ")"]),
        };
    }

    private GeneratedQuery Windowed()
    {
        SqlNode Window()
        {
            var value = _numbers.Of(1);
            var frame = Pick(
                "", "ROWS 1 PRECEDING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING");
            return random.Next(6) switch
            {
                0 => new(null, ["rank() OVER (ORDER BY ", value, ")"]),
                1 => new(null, [Pick("lag(", "lead("), value, ") OVER (ORDER BY id)"]),
                2 => new(null, ["count(*) OVER (ORDER BY ", Pick("a", "b", "a / 3"), Pick("", " DESC"),
                    " RANGE BETWEEN ", Pick("0.5", "1", "2.50"), " PRECEDING AND ",
                    Pick("CURRENT ROW", "1.5 FOLLOWING", "UNBOUNDED FOLLOWING"), ")"]),
                3 => new(null, ["trim_scale(", Pick("min(", "max("), value, $") OVER (ORDER BY id {frame}))"]),
                4 => new(null, [Pick("variance(", "stddev("), value, $") OVER (ORDER BY id {frame})"]),
                _ => new(null, [Pick("sum(", "avg("), value, $") OVER ({Pick("", "PARTITION BY n ")}ORDER BY id {frame})"]),
            };
        }

        return Query("SELECT id, ", SqlNode.ListOf("", ", ", 1, Some(3, Window)), " FROM ", Source("v"), Where());
    }

    private GeneratedQuery Combined()
    {
        SqlNode Arm(string alias) => new(null, ["SELECT ", _numbers.Of(1), " AS x FROM ", Source(alias)]);
        return random.Next(2) == 0
            ? Query("SELECT DISTINCT trim_scale(", _numbers.Of(2), ") FROM ", Source("v"), Where())
            : Query("SELECT trim_scale(x) FROM (", Arm("v"),
                Pick(" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT ", " EXCEPT ALL "), Arm("w"), ") u");
    }

    private GeneratedQuery Joined() => random.Next(3) switch
    {
        0 => Query("SELECT id FROM ", Source("v"), " WHERE ", _numbers.Of(1), Pick(" IN (", " NOT IN ("),
            "SELECT w.b FROM ", Source("w"), ")"),
        1 => Query("SELECT v.id, w.id FROM ", Source("v"), " LEFT JOIN ", Source("w"), " ON ",
            Pick("v.a = w.b", "v.a / 3 = w.a / 3", "v.n = w.a", "v.a = w.n")),
        _ => Query("SELECT v.id, w.id, v.a ", Pick("+", "-", "*"), " w.b FROM ", Source("v"), ", ", Source("w"),
            " WHERE v.a ", Pick("<", ">=", "="), " w.a"),
    };

    /// <summary>Rows with the columns id, a, b and n: of VALUES, or of a table that both servers have.</summary>
    private SqlNode Source(string alias)
    {
        var table = tables[random.Next(tables.Count)];
        var numbers = table.Columns.Where(static column => column.Type == TermType.Decimal).Select(static column => column.Name).ToArray();
        if (numbers.Length > 0 && random.Next(3) == 0)
            return $"(SELECT id, {Pick(numbers)}{Pick("", " / 7")} AS a, {Pick(numbers)} AS b, id % 5 AS n FROM {table.Name}) AS {alias}";
        var rows = Enumerable.Range(1, random.Next(1, 8))
            .Select(i => new SqlNode(null, [$"({i}, ", Typed(), ", ", Typed(), $", {_numbers.SmallWhole()})"]));
        return new(null, ["(", SqlNode.ListOf("VALUES ", ", ", 1, rows), $") AS {alias}(id, a, b, n)"]);
    }

    private SqlNode Typed() => _numbers.Value() is var value && value.StartsWith('\'') ? value : $"({value})::numeric";

    private static GeneratedQuery Query(params SqlNode[] parts) => new(new(null, parts), [], []);

    private SqlNode Where() => random.Next(3) == 0 ? SqlNode.Optional(" WHERE ", _numbers.Condition(2)) : "";

    private List<SqlNode> Some(int most, Func<SqlNode> make) => [.. Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => make())];

    private string Pick(params ReadOnlySpan<string> items) => items[random.Next(items.Length)];
}
