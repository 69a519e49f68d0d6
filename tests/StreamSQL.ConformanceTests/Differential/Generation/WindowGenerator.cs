using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>
/// Window functions and aggregates over windows, with frames of every kind. What depends on the order of rows gets an order without ties.
/// </summary>
internal sealed class WindowGenerator(Random random, ExpressionGenerator expressions, Capabilities capabilities)
{
    private static readonly TermType[] Values = [TermType.Int, TermType.BigInt, TermType.Decimal, TermType.Text, TermType.Date,
        TermType.Bool, TermType.Timestamp];

    /// <summary>A few of them over the rows of one table.</summary>
    /// <param name="scope">The table's columns.</param>
    /// <param name="unique">A column that tells its rows apart.</param>
    public IReadOnlyList<Term> Some(ExpressionScope scope, Term unique)
    {
        scope = scope with { AllowsQueries = false };
        return [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(4) switch
        {
            0 => Ranking(scope, unique),
            1 => Value(scope, unique),
            _ => Aggregate(scope, unique),
        })];
    }

    private Term Ranking(ExpressionScope scope, Term unique) => random.Next(6) switch
    {
        0 => Over(TermType.BigInt, 100, false, "row_number()", Definition(scope, unique, "")),
        1 => Over(TermType.Int, 100, false, $"ntile({random.Next(1, 5)})", Definition(scope, unique, "")),
        2 => Over(TermType.Double, 1, true, Pick("percent_rank()", "cume_dist()"), Definition(scope, null, "")),
        _ => Over(TermType.BigInt, 100, false, Pick("rank()", "dense_rank()"), Definition(scope, null, "")),
    };

    private Term Value(ExpressionScope scope, Term unique)
    {
        var type = Values[random.Next(Values.Length)];
        var value = expressions.Of(type, scope, 1);
        return random.Next(4) switch
        {
            0 => Over(value, Call(Pick("lag(", "lead("), value, Pick("", $", {random.Next(0, 4)}")), Definition(scope, unique, "")),
            1 => Over(value, new(null, [Pick("lag(", "lead("), value.Node, $", {random.Next(0, 3)}, ", value.Node, ")"]),
                Definition(scope, unique, "")),
            2 => Over(value, Call("nth_value(", value, $", {random.Next(1, 4)}"), Definition(scope, unique, Frame(isUnique: true))),
            _ => Over(value, Call(Pick("first_value(", "last_value("), value, ""), Definition(scope, unique, Frame(isUnique: true))),
        };
    }

    private Term Aggregate(ExpressionScope scope, Term unique)
    {
        var isUnique = random.Next(3) > 0;
        SqlNode Window() => isUnique ? Definition(scope, unique, Frame(isUnique: true)) : random.Next(4) == 0
            ? ByRange(scope) : Definition(scope, null, Frame(isUnique: false));
        var filter = random.Next(5) == 0 ? SqlNode.Optional(" FILTER (WHERE ", expressions.Of(TermType.Bool, scope, 1).Node, ")") : "";
        SqlNode Filtered(SqlNode call) => new(null, [call, filter]);
        switch (random.Next(7))
        {
            case 0:
                return Over(TermType.BigInt, 100, false, Filtered("count(*)"), Window());
            case 1:
                return Over(TermType.BigInt, 1e9, false,
                    Filtered(Call("sum(", expressions.Bounded(TermType.Int, scope, 1, 1e6), "")), Window());
            case 2:
                var exact = expressions.Bounded(TermType.Decimal, scope, 1, 1e6);
                return Over(new Term(exact.Node, TermType.Decimal, exact.Max * 100, exact.Scale),
                    Filtered(Call("sum(", exact, "")), Window());
            case 3:
                var whole = expressions.Bounded(TermType.Int, scope, 1, 1e6);
                return Over(new Term("", TermType.Decimal, 1e6, 20), Filtered(Call("avg(", whole, "")), Window());
            case 4:
                var bounded = Values[random.Next(5)];
                var value = expressions.Of(bounded, scope, 1);
                return Over(value, Filtered(Call(Pick("min(", "max("), value, "")), Window());
            case 5 when isUnique:
                return Over(TermType.Ints, 0, false, Filtered(Call("array_agg(", expressions.Of(TermType.Int, scope, 1), "")), Window());
            default:
                return Over(TermType.Bool, 0, false,
                    Filtered(Call(Pick("bool_and(", "bool_or("), expressions.Of(TermType.Bool, scope, 1), "")), Window());
        }
    }

    /// <summary>Partitions and an order; with a column that tells rows apart at its end where one is given.</summary>
    private SqlNode Definition(ExpressionScope scope, Term? unique, string frame)
    {
        var partition = SqlNode.ListOf("PARTITION BY ", ", ", 0, Enumerable.Range(0, random.Next(0, 3)).Select(_ => Key(scope)));
        var order = Enumerable.Range(0, random.Next(unique is null ? 1 : 0, 3))
            .Select(_ => new SqlNode(null, [Key(scope), Direction()])).ToList();
        if (unique is not null)
            order.Add(new SqlNode(null, [unique.Node, Direction()]));
        return new(null, ["(", partition, SqlNode.ListOf(" ORDER BY ", ", ", order.Count, order), frame, ")"]);
    }

    /// <summary>Frames by distance have one key, which can be counted or told in time.</summary>
    private SqlNode ByRange(ExpressionScope scope)
    {
        TermType[] counted = [TermType.Int, TermType.BigInt, TermType.Decimal, TermType.Date, TermType.Timestamp];
        var keys = scope.Leaves.Where(leaf => counted.Contains(leaf.Type) && leaf.Max < 1e6).ToList();
        if (keys.Count == 0 || !capabilities.Has(Feature.WindowFrames))
            return Definition(scope, null, "");
        var key = keys[random.Next(keys.Count)];
        string Distance() => key.Type is TermType.Date
            or TermType.Timestamp ? Pick("interval '1 day'", "interval '36 hours'", "interval '1 mon'") : Pick("0", "1", "3", "100");
        var (start, end) = (Pick("UNBOUNDED PRECEDING", "CURRENT ROW", $"{Distance()} PRECEDING"),
            Pick("UNBOUNDED FOLLOWING", "CURRENT ROW", $"{Distance()} FOLLOWING"));
        return new(null, ["(", SqlNode.Optional("PARTITION BY ", Key(scope)), " ORDER BY ", key.Node, Direction(),
            $" RANGE BETWEEN {start} AND {end}", Exclusion(), ")"]);
    }

    private string Frame(bool isUnique)
    {
        if (random.Next(3) == 0 || !capabilities.Has(Feature.WindowFrames))
            return "";
        var unit = isUnique ? Pick("ROWS", "ROWS", "GROUPS", "RANGE") : Pick("GROUPS", "RANGE");
        string Offset(string side) => unit == "RANGE" ? "CURRENT ROW" : $"{random.Next(0, 4)} {side}";
        return random.Next(4) switch
        {
            0 => $" {unit} {Pick("UNBOUNDED PRECEDING", "CURRENT ROW", Offset("PRECEDING"))}{Exclusion()}",
            1 when unit != "RANGE" => $" {unit} BETWEEN {random.Next(2, 5)} PRECEDING AND {random.Next(0, 3)} PRECEDING{Exclusion()}",
            2 when unit != "RANGE" => $" {unit} BETWEEN {random.Next(0, 3)} FOLLOWING AND {random.Next(1, 5)} FOLLOWING{Exclusion()}",
            _ => $" {unit} BETWEEN {Pick("UNBOUNDED PRECEDING", "CURRENT ROW", Offset("PRECEDING"))} AND " +
                $"{Pick("UNBOUNDED FOLLOWING", "CURRENT ROW", Offset("FOLLOWING"))}{Exclusion()}",
        };
    }

    private string Exclusion() => Pick("", "", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS");

    private SqlNode Key(ExpressionScope scope)
    {
        var leaves = scope.Leaves.Where(static leaf => leaf is { Inexact: false, Type: < TermType.Bytes }).ToList();
        return leaves[random.Next(leaves.Count)].Node;
    }

    private string Direction() => Pick("", "", " DESC", " NULLS FIRST", " DESC NULLS LAST");

    private static SqlNode Call(string name, Term argument, string more) => new(null, [name, argument.Node, more, ")"]);

    private static Term Over(TermType type, double max, bool inexact, SqlNode call, SqlNode window) =>
        Over(new Term("", type, max, 0, inexact), call, window);

    private static Term Over(Term like, SqlNode call, SqlNode window) => like with { Node = Nodes.Of(like.Type, call, " OVER ", window) };

    private string Pick(params ReadOnlySpan<string> items) => items[random.Next(items.Length)];
}
