namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>
/// Makes random queries: filters and expressions, new keys, groups with and without windows, joins of all kinds, groups of joins.
/// </summary>
internal sealed class QueryGenerator(Random random)
{
    private const int MaxItems = 4;
    private const int Depth = 3;
    private const string Within = "WITHIN 10 SECONDS GRACE PERIOD 1 HOUR";

    /// <summary>The next query.</summary>
    public RandomQuery Next(int number) => random.Next(12) switch
    {
        < 2 => Rows(number, "s1", "s1", isTable: false, "s1"),
        2 => Rekeyed(number),
        < 6 => Grouped(number, "s1", "s1", isTable: false, "s1"),
        6 => Rows(number, "t1", "t1", isTable: true, "t1"),
        7 => Grouped(number, "t1", "t1", isTable: true, "t1"),
        8 => StreamTable(number),
        9 => StreamStream(number),
        10 => TableTable(number),
        _ => ForeignKey(number),
    };

    private RandomQuery Rows(int number, string from, string boundedFrom, bool isTable, params string[] sources)
    {
        var expressions = new RandomExpressions(random, sources);
        return new RandomQuery
        {
            Number = number, IsTable = isTable, From = from, BoundedFrom = boundedFrom, Key = $"{sources[0]}.id",
            Items = [.. Enumerable.Range(0, random.Next(1, MaxItems + 1)).Select(_ => expressions.Nullable(expressions.AnyType(), Depth))],
            Filters = Filters(expressions),
        };
    }

    private RandomQuery Rekeyed(int number) =>
        Rows(number, "s1", "s1", isTable: false, "s1") with { Key = "s1." + new[] { "i", "b", "s", "r" }[random.Next(4)],
            IsPartitioned = true };

    private RandomQuery Grouped(int number, string from, string boundedFrom, bool isTable, params string[] sources)
    {
        var expressions = new RandomExpressions(random, sources);
        var isOneStream = !isTable && sources.Length == 1;
        var window = isOneStream && random.Next(3) > 0 ? Window() : null;
        return new RandomQuery
        {
            Number = number, IsTable = true, From = from, BoundedFrom = boundedFrom, IsGrouped = true, Window = window,
            Key = $"{sources[random.Next(sources.Length)]}.{new[] { "id", "r", "i", "s" }[random.Next(4)]}",
            Items = [.. Enumerable.Range(0, random.Next(1, MaxItems + 1)).Select(_ => Aggregate(expressions, isTable))],
            Filters = window is { IsFinal: true } ? [] : Filters(expressions),
            Least = random.Next(4) == 0 && window is not { IsFinal: true } ? random.Next(1, 4) : 0,
            MayLoseRows = isTable,
        };
    }

    private RandomQuery StreamTable(int number)
    {
        var kind = random.Next(2) == 0 ? "JOIN" : "LEFT JOIN";
        var from = $"s1 {kind} t1 ON s1.{(random.Next(2) == 0 ? "id" : "r")} = t1.id";
        var key = from.Contains("s1.r", StringComparison.Ordinal) ? "s1.r" : "s1.id";
        return random.Next(3) == 0
            ? Grouped(number, from, from, isTable: false, "s1", "t1")
            : Rows(number, from, from, isTable: false, "s1", "t1") with { Key = key };
    }

    private RandomQuery StreamStream(int number)
    {
        var kind = random.Next(2) == 0 ? "JOIN" : "LEFT JOIN";
        var column = random.Next(2) == 0 ? "id" : "r";
        var on = $"s1.{column} = s2.{column}";
        var from = $"s1 {kind} s2 {Within} ON {on}";
        var bounded = $"{Timed("s1")} {kind} {Timed("s2")} ON {on} AND s2.t BETWEEN s1.t - 10000 AND s1.t + 10000";
        return random.Next(3) == 0
            ? Grouped(number, from, bounded, isTable: false, "s1", "s2")
            : Rows(number, from, bounded, isTable: false, "s1", "s2") with { Key = $"s1.{column}" };
    }

    private static string Timed(string stream) => $"(SELECT id, {InputRows.Columns}, ROWTIME AS t FROM {stream}) AS {stream}";

    private RandomQuery TableTable(int number)
    {
        var from = $"t1 {(random.Next(2) == 0 ? "JOIN" : "LEFT JOIN")} t2 ON t1.id = t2.id";
        return random.Next(3) == 0
            ? Grouped(number, from, from, isTable: true, "t1", "t2")
            : Rows(number, from, from, isTable: true, "t1", "t2");
    }

    private RandomQuery ForeignKey(int number)
    {
        var from = $"t1 {(random.Next(2) == 0 ? "JOIN" : "LEFT JOIN")} t2 ON t1.r = t2.id";
        return Rows(number, from, from, isTable: true, "t1", "t2");
    }

    private QueryWindow Window()
    {
        var isFinal = random.Next(3) == 0;
        long size = 1000 * random.Next(5, 40);
        return random.Next(3) switch
        {
            0 => new QueryWindow(size, size, isFinal),
            1 => new QueryWindow(3 * size, size, isFinal),
            _ => new QueryWindow(random.Next(500, 6000), 0, isFinal),
        };
    }

    // The sum of no values is 0 in one way of asking and NULL in the other.
    private string Aggregate(RandomExpressions expressions, bool isTable) => random.Next(isTable ? 5 : 8) switch
    {
        0 => "COUNT(*)",
        1 => $"COUNT({expressions.Nullable(expressions.AnyType(), Depth - 1)})",
        2 => $"SUM({expressions.Of(expressions.NumberType(), Depth - 1)})",
        3 => $"AVG({expressions.Of(ExpressionType.Double, Depth - 1)})",
        4 => $"COALESCE(SUM({expressions.Column(ExpressionType.Integer)}), 0)",
        5 => $"MIN({expressions.Nullable(expressions.NumberType(), Depth - 1)})",
        6 => $"MAX({expressions.Nullable(expressions.NumberType(), Depth - 1)})",
        _ => $"COUNT_DISTINCT({expressions.Nullable(ExpressionType.Varchar, Depth - 1)})",
    };

    private string[] Filters(RandomExpressions expressions) =>
        [.. Enumerable.Range(0, Math.Max(0, random.Next(4) - 1)).Select(_ => expressions.Of(ExpressionType.Boolean, Depth))];
}
