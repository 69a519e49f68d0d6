using System.Globalization;

namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>Types that random expressions have.</summary>
internal enum ExpressionType
{
    Integer,
    BigInt,
    Double,
    Decimal,
    Varchar,
    Boolean,
}

/// <summary>
/// Random expressions of a wanted type over the columns of some sources. None of them fails, and none but a column by itself is NULL: what
/// a failing expression gives and what NULL compares to is not the same in a query that goes on
/// (ksqlDB's rules) and in one that ends (PostgreSQL's).
/// </summary>
internal sealed class RandomExpressions(Random random, IReadOnlyList<string> sources)
{
    /// <summary>Any type.</summary>
    public ExpressionType AnyType() => (ExpressionType)random.Next(6);

    /// <summary>A number's type.</summary>
    public ExpressionType NumberType() => (ExpressionType)random.Next(4);

    /// <summary>A column of a type.</summary>
    public string Column(ExpressionType type) => $"{sources[random.Next(sources.Count)]}.{InputRows.ColumnOf(type, random)}";

    /// <summary>An expression of a type, or now and then a column by itself, which may be NULL.</summary>
    public string Nullable(ExpressionType type, int depth) => random.Next(3) == 0 ? Column(type) : Of(type, depth);

    /// <summary>An expression of a type that is never NULL, nested up to a depth.</summary>
    public string Of(ExpressionType type, int depth)
    {
        if (depth == 0 || random.Next(5) == 0)
            return random.Next(5) == 0 ? Literal(type) : $"COALESCE({Column(type)}, {Literal(type)})";
        return random.Next(8) switch
        {
            0 => $"CASE WHEN {Of(ExpressionType.Boolean, depth - 1)} THEN {Of(type, depth - 1)} ELSE {Of(type, depth - 1)} END",
            1 => $"COALESCE({Column(type)}, {Of(type, depth - 1)})",
            _ => type switch
            {
                ExpressionType.Integer => Integer(depth - 1),
                ExpressionType.BigInt => BigInt(depth - 1),
                ExpressionType.Double => Double(depth - 1),
                ExpressionType.Decimal => Decimal(depth - 1),
                ExpressionType.Varchar => Varchar(depth - 1),
                _ => Boolean(depth - 1),
            },
        };
    }

    private string Literal(ExpressionType type) => type switch
    {
        ExpressionType.Integer => Text($"{random.Next(-9, 10)}"),
        ExpressionType.BigInt => Text($"CAST({random.Next(-99_999, 100_000)} AS BIGINT)"),
        ExpressionType.Double => Text($"CAST({random.Next(-40, 41) / 4.0} AS DOUBLE)"),
        ExpressionType.Decimal => Text($"CAST('{random.Next(-999, 1000) / 100.0m}' AS DECIMAL(8, 2))"),
        ExpressionType.Varchar => $"'{InputRows.Words[random.Next(InputRows.Words.Count)]}'",
        _ => random.Next(2) == 0 ? "TRUE" : "FALSE",
    };

    private string Integer(int depth) => random.Next(6) switch
    {
        0 => $"({Of(ExpressionType.Integer, depth)} + {Of(ExpressionType.Integer, depth)})",
        1 => $"({Of(ExpressionType.Integer, depth)} - {Of(ExpressionType.Integer, depth)})",
        2 => Text($"({Of(ExpressionType.Integer, depth)} * {random.Next(-9, 10)})"),
        3 => Text($"({Of(ExpressionType.Integer, depth)} % {random.Next(1, 9)})"),
        4 => $"LEN({Of(ExpressionType.Varchar, depth)})",
        _ => $"INSTR({Of(ExpressionType.Varchar, depth)}, 'a')",
    };

    private string BigInt(int depth) => random.Next(4) switch
    {
        0 => $"({Of(ExpressionType.BigInt, depth)} + {Of(ExpressionType.Integer, depth)})",
        1 => $"({Of(ExpressionType.BigInt, depth)} - {Of(ExpressionType.BigInt, depth)})",
        2 => $"CAST({Of(ExpressionType.Integer, depth)} AS BIGINT)",
        _ => $"ABS({Of(ExpressionType.BigInt, depth)})",
    };

    private string Double(int depth) => random.Next(4) switch
    {
        0 => $"({Of(ExpressionType.Double, depth)} + {Of(ExpressionType.Integer, depth)})",
        1 => $"({Of(ExpressionType.Double, depth)} * {Literal(ExpressionType.Double)})",
        2 => $"CAST({Of(ExpressionType.BigInt, depth)} AS DOUBLE)",
        _ => $"FLOOR({Of(ExpressionType.Double, depth)})",
    };

    // One type throughout, so that every place that takes one can have it.
    private string Decimal(int depth) => random.Next(3) switch
    {
        0 => $"CAST(({Of(ExpressionType.Decimal, depth)} + {Of(ExpressionType.Decimal, depth)}) AS DECIMAL(8, 2))",
        1 => $"CAST(({Of(ExpressionType.Decimal, depth)} - {Of(ExpressionType.Decimal, depth)}) AS DECIMAL(8, 2))",
        _ => $"CAST({Of(ExpressionType.Integer, depth)} AS DECIMAL(8, 2))",
    };

    private string Varchar(int depth) => random.Next(6) switch
    {
        0 => $"UCASE({Of(ExpressionType.Varchar, depth)})",
        1 => $"CONCAT({Of(ExpressionType.Varchar, depth)}, {Of(ExpressionType.Varchar, depth)})",
        2 => Text($"SUBSTRING({Of(ExpressionType.Varchar, depth)}, {random.Next(1, 4)}, {random.Next(0, 4)})"),
        3 => $"TRIM({Of(ExpressionType.Varchar, depth)})",
        4 => $"CAST({Of(ExpressionType.Integer, depth)} AS VARCHAR)",
        _ => $"REPLACE({Of(ExpressionType.Varchar, depth)}, 'a', 'bb')",
    };

    private string Boolean(int depth)
    {
        var type = AnyType();
        return random.Next(8) switch
        {
            0 => $"({Of(ExpressionType.Boolean, depth)} AND {Of(ExpressionType.Boolean, depth)})",
            1 => $"({Of(ExpressionType.Boolean, depth)} OR {Of(ExpressionType.Boolean, depth)})",
            2 => $"(NOT {Of(ExpressionType.Boolean, depth)})",
            3 => $"({Column(type)} IS {(random.Next(2) == 0 ? "" : "NOT ")}NULL)",
            4 => $"({Of(ExpressionType.Integer, depth)} BETWEEN {Literal(ExpressionType.Integer)} AND {Literal(ExpressionType.Integer)})",
            5 => $"({Of(ExpressionType.Varchar, depth)} LIKE '%a%')",
            6 => $"({Of(ExpressionType.Varchar, depth)} IN ({Literal(ExpressionType.Varchar)}, {Literal(ExpressionType.Varchar)}))",
            _ => $"({Number(depth)} {Comparison()} {Number(depth)})",
        };
    }

    private string Number(int depth) => Of(NumberType(), depth);

    private string Comparison() => random.Next(6) switch { 0 => "=", 1 => "<>", 2 => "<", 3 => "<=", 4 => ">", _ => ">=" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
