using System.Globalization;
using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>
/// Expressions of numeric over the columns a, b (numeric) and n (a small whole number): values of every scale and size, whose digits count
/// to the last zero. What could fail has a bound put around it.
/// </summary>
internal sealed class NumericGenerator(Random random)
{
    private static readonly string[] Specials = ["'NaN'::numeric", "'Infinity'::numeric", "'-Infinity'::numeric"];
    private static readonly string[] Templates =
        ["'9999999.99'", "'FM999999999.009'", "'S00000009.999'", "'99,999,999.9MI'", "'9.999EEEE'", "'FM9999999999PR'"];

    /// <summary>Whether there may be NaN and infinities.</summary>
    public bool AllowsSpecials { get; set; }

    /// <summary>An expression of numeric.</summary>
    public SqlNode Of(int depth)
    {
        if (depth <= 0 || random.Next(6) == 0)
            return Leaf();
        SqlNode Next() => Of(depth - 1);
        return random.Next(9) switch
        {
            < 3 => Number("(", Next(), Pick(" + ", " - ", " * "), random.Next(4) == 0 ? "n" : Next(), ")"),
            3 => Number("(", Next(), Pick(" / ", " % "), "NULLIF(", random.Next(4) == 0 ? "n" : Next(), ", 0))"),
            4 => Choice(Next(), Next(), depth),
            5 => Rounded(Next()),
            6 => Transcendental(Next(), Next()),
            _ => Other(Next(), Next()),
        };
    }

    /// <summary>A comparison of numerics.</summary>
    public SqlNode Condition(int depth)
    {
        SqlNode Next() => Of(depth - 1);
        return random.Next(6) switch
        {
            0 => Bool("(", Next(), Pick(" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "), Next(), ")"),
            1 => Bool("(", Next(), " BETWEEN ", Next(), " AND ", Next(), ")"),
            2 => Bool("(", Next(), Pick(" IN (", " NOT IN ("), Next(), ", ", Next(), ", 1.50))"),
            3 => Bool("(", Next(), Pick(" = ANY (ARRAY[", " < ALL (ARRAY["), Next(), ", ", Next(), "]))"),
            4 => Bool("(", Next(), Operator(), Pick("n", "2.5", "0", "1e-5", "n::float8"), ")"),
            _ => Bool("(", Next(), Operator(), Next(), ")"),
        };
    }

    /// <summary>Something that is made of numerics, of any type.</summary>
    public SqlNode Any(int depth)
    {
        var value = Of(depth);
        return random.Next(12) switch
        {
            0 => Condition(depth),
            1 => Text("('=' || ", value, ")"),
            2 => Text("(", value, ")::text"),
            3 => Whole(Pick("scale(", "min_scale("), value, ")"),
            4 when !AllowsSpecials => Whole("width_bucket(", value, ", -10.5, 10.25, 7)"),
            5 => new SqlNode(null, [Pick("to_jsonb(", "to_json("), value, ")", "::text"]),
            6 => new SqlNode(null, ["ARRAY[", value, ", ", Of(depth - 1), ", 1]"]),
            7 when !AllowsSpecials => Text("to_char(", value, " % 1000000, ", Pick(Templates), ")"),
            8 => new SqlNode(null, ["(", value, " % 1000000)::", AllowsSpecials ? "float8" : Pick("int", "bigint", "float8", "real")]),
            _ => value,
        };
    }

    /// <summary>A value as it is written.</summary>
    public string Value()
    {
        if (random.Next(6) == 0)
            return "NULL";
        if (AllowsSpecials && random.Next(3) == 0)
            return Pick(Specials);
        var text = random.Next(10) switch
        {
            0 => Pick("0", "0.00", "1", "1.0", "1.00", "1.50", "1.5", "2.5", "10", "0.1"),
            1 => $"{random.Next(1, 1000)}e{random.Next(-25, 30)}",
            2 => Digits(random.Next(30, 60)) + "." + Digits(random.Next(0, 40)),
            3 => "0." + new string('0', random.Next(1, 20)) + Digits(random.Next(1, 10)),
            4 => "9999" + Pick("", ".9999", "9999.99999999"),
            _ => Digits(random.Next(1, 8)) + "." + Digits(random.Next(0, 8)),
        };
        return (random.Next(3) == 0 ? "-" : "") + text.TrimEnd('.');
    }

    /// <summary>A small whole number as it is written.</summary>
    public string SmallWhole() => random.Next(-2, 6).ToString(CultureInfo.InvariantCulture);

    private SqlNode Leaf() => random.Next(5) switch
    {
        0 when Value() is var text and not "NULL" => Number(text.StartsWith('-') ? $"({text})" : text, Pick("", "::numeric")),
        1 => Number("n::numeric"),
        _ => Number(Pick("a", "b")),
    };

    private SqlNode Choice(SqlNode left, SqlNode right, int depth) => random.Next(5) switch
    {
        0 => Number("COALESCE(", left, ", ", right, ")"),
        1 => Number("NULLIF(", left, ", ", right, ")"),
        2 => Number(Pick("GREATEST(", "LEAST("), left, ", ", right, ", n)"),
        3 => Number("(CASE n WHEN 1 THEN ", left, " WHEN 2 THEN n ELSE ", right, " END)"),
        _ => Number("(CASE WHEN ", Condition(depth - 1), " THEN ", left, " ELSE ", right, " END)"),
    };

    private SqlNode Rounded(SqlNode value) => random.Next(6) switch
    {
        0 => Number(Pick("ceil(", "floor(", "round(", "trunc("), value, ")"),
        1 => Number("trim_scale(", value, ")"),
        2 => Number(Pick("round(", "trunc("), value, ", n)"),
        3 => Number("CAST(", value, $" % 100000 AS numeric({random.Next(25, 60)},{random.Next(0, 20)}))"),
        4 => Number("(", value, $" % 100000)::numeric({random.Next(25, 39)},{random.Next(0, 20)})"),
        _ => Number(Pick("round(", "trunc("), value, $", {random.Next(-6, 25)})"),
    };

    private SqlNode Transcendental(SqlNode value, SqlNode other) => random.Next(8) switch
    {
        0 => Number("sqrt(abs(", value, "))"),
        1 => Number("exp(", value, " % 40)"),
        2 => Number("ln(abs(", value, ") + 1)"),
        3 => Number("log(abs(", value, ") + 0.001)"),
        4 => Number("log(2.5, abs(", value, ") + 1)"),
        5 => Number("power(", value, $" % 100, {random.Next(0, 9)})"),
        6 => Number("power(abs(", value, " % 100) + 0.5, ", other, " % 6)"),
        _ => Number("((abs(", value, ") % 50 + 1) ^ ", Pick("2.5", "-3.0", "0.1", "7.00"), ")"),
    };

    private SqlNode Other(SqlNode value, SqlNode other) => random.Next(9) switch
    {
        0 => Number("abs(", value, ")"),
        1 => Number("(- ", value, ")"),
        2 => Number("sign(", value, ")"),
        3 => Number("gcd(", value, ", ", other, ")"),
        4 => Number("lcm(", value, " % 1000, ", other, " % 1000)"),
        5 => Number(Pick("div(", "mod("), value, ", NULLIF(", other, ", 0))"),
        6 => Number("(", value, " % 1000000)::", Pick("float8", "real", "text"), "::numeric"),
        7 => Number("factorial(abs(n) * 3::bigint)"),
        _ => Number("(SELECT ", Pick("sum", "avg"), "(s) FROM (VALUES (", value, "), (", other, ")) q(s))"),
    };

    private string Digits(int count)
    {
        Span<char> digits = stackalloc char[count];
        for (var i = 0; i < count; i++)
            digits[i] = (char)('0' + (random.Next(4) == 0 ? 9 : random.Next(i == 0 ? 1 : 0, 10)));
        return digits.ToString();
    }

    private string Operator() => Pick(" = ", " <> ", " < ", " <= ", " > ", " >= ");

    private static SqlNode Number(params SqlNode[] parts) => Nodes.Of(TermType.Decimal, parts);

    private static SqlNode Bool(params SqlNode[] parts) => Nodes.Of(TermType.Bool, parts);

    private static SqlNode Text(params SqlNode[] parts) => Nodes.Of(TermType.Text, parts);

    private static SqlNode Whole(params SqlNode[] parts) => Nodes.Of(TermType.Int, parts);

    private string Pick(params ReadOnlySpan<string> items) => items[random.Next(items.Length)];
}
