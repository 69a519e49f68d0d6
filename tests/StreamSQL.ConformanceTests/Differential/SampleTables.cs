using System.Globalization;
using StreamSQL.ConformanceTests.Differential.Generation;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>A column of a table that both servers have.</summary>
internal sealed record SampleColumn(string Name, TermType Type, double Max, int Scale)
{
    public string TypeName => Type == TermType.Decimal ? string.Create(CultureInfo.InvariantCulture, $"decimal({12 + Scale}, {Scale})")
        : Nodes.Name(Type);
}

/// <summary>A table that both servers have, with the same rows; in StreamSQL a table or a stream.</summary>
internal sealed record SampleTable(string Name, bool IsStream, IReadOnlyList<SampleColumn> Columns, IReadOnlyList<string> Rows);

/// <summary>Random tables: columns of every type, many NULLs, values that meet each other, and edges.</summary>
internal static class SampleTables
{
    private static readonly SampleColumn[] Pool =
    [
        new("i", TermType.Int, 1000, 0), new("j", TermType.Int, 2147483648, 0), new("k", TermType.Int, 10, 0),
        new("big", TermType.BigInt, 1000, 0),
        new("huge", TermType.BigInt, 9.3e18, 0), new("d", TermType.Double, 100, 0), new("wild", TermType.Double, 1e300, 0),
        new("price", TermType.Decimal, 10_000, 2), new("rate", TermType.Decimal, 10_000, 4), new("units", TermType.Decimal, 1e12, 0),
        new("s", TermType.Text, 0, 0), new("word", TermType.Text, 0, 0), new("f", TermType.Bool, 0, 0), new("day", TermType.Date, 0, 0),
        new("clock", TermType.Time, 0, 0), new("at_time", TermType.Timestamp, 0, 0), new("bin", TermType.Bytes, 0, 0),
        new("ints", TermType.Ints, 0, 0), new("texts", TermType.Texts, 0, 0),
    ];

    private static readonly int[] Sizes = [0, 1, 7, 23, 40];

    /// <summary>The tables of a seed: one is empty, one has a single row.</summary>
    public static IReadOnlyList<SampleTable> Create(int seed)
    {
        var random = new Random(seed);
        var literals = new Literals(random);
        return [.. Sizes.Select((size, index) => Create($"t{index}", size, isStream: index % 2 == 1, random, literals))];
    }

    /// <summary>The statements that make a table in StreamSQL.</summary>
    public static IEnumerable<string> CreateStatements(SampleTable table, bool inPostgres)
    {
        var columns = table.Columns.Select((column, index) =>
            $"{column.Name} {column.TypeName}{(index > 0 ? "" : table.IsStream ? inPostgres ? "" : " KEY" : " PRIMARY KEY")}");
        var definition = $"({string.Join(", ", columns)})";
        yield return inPostgres
            ? $"CREATE TABLE {table.Name} {definition.Replace("timestamptz", "timestamptz(3)", StringComparison.Ordinal)}"
            : $"CREATE {(table.IsStream ? "STREAM" : "TABLE")} {table.Name} {definition} WITH (KAFKA_TOPIC = '{table.Name}', PARTITIONS " +
                "= 2, VALUE_FORMAT = 'JSON')";
        if (table.Rows.Count > 0)
            yield return $"INSERT INTO {table.Name} ({string.Join(", ", table.Columns.Select(static column => column.Name))}) VALUES {string.Join(", ", table.Rows)}";
    }

    private static SampleTable Create(string name, int size, bool isStream, Random random, Literals literals)
    {
        var columns = Pool.Where(_ => random.Next(4) > 0).Prepend(new("id", TermType.Int, 1000, 0)).ToList();
        var rows = Enumerable.Range(0, size)
            .Select(row =>
                $"({string.Join(", ", columns.Select((column, index) => index == 0 ? $"{row + 1}" : Value(column, random, literals)))})");
        return new(name, isStream, columns, [.. rows]);
    }

    private static string Value(SampleColumn column, Random random, Literals literals)
    {
        if (random.Next(5) == 0)
            return "NULL";
        return column.Name switch
        {
            "j" => random.Next(3) == 0 ? Pick(random, "-2147483648", "2147483647", "0", "-1") : literals.SmallInt()
                .ToString(CultureInfo.InvariantCulture),
            "huge" => random.Next(2) == 0 ? Pick(random, "-9223372036854775808", "9223372036854775807", "4294967296", "1000000000000")
                : $"{literals.SmallInt()}",
            "k" => $"{random.Next(-2, 4)}",
            "wild" => Pick(random, "1e300", "-1e300", "1e-300", "0.1", "0.30000000000000004", "123456789.125", "1e15", "1e16", "-0.5",
                "2.5", "1e-7", "100000"),
            _ => Value(column, literals),
        };
    }

    private static string Value(SampleColumn column, Literals literals) => column.Type switch
    {
        TermType.Int or TermType.BigInt => $"{literals.SmallInt()}",
        TermType.Double => literals.SmallDouble(),
        TermType.Decimal => literals.Decimal((int)Math.Log10(column.Max), column.Scale),
        _ => literals.Constant(column.Type, plain: true).Node.Text,
    };

    private static string Pick(Random random, params string[] values) => values[random.Next(values.Length)];
}
