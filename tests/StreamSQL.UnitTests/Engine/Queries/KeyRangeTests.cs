using System.Globalization;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>
/// Conditions on the key of a table that is large enough for its keys to be kept in order give the rows that the same conditions give where
/// no key can be seen in them.
/// </summary>
public sealed class KeyRangeTests
{
    private const int Rows = 10_000;

    /// <summary>A key column, the JSON of a key made of a number, conditions, and how the key is hidden in them.</summary>
    private static readonly (string Type, Func<int, string> Key, string[] Conditions, string Hidden)[] Tables =
    [
        ("BIGINT", static n => $"{(n * 3) - 5000}",
            ["k > 100 AND k < 160", "k BETWEEN -20 AND 25.5", "k >= 9000.5 AND k <= 9030", "k > 24900", "k < -4950.5", "k > 1e30",
                "k < 1e30 AND k > 24980"],
            "(k + 0)"),
        ("INTEGER", static n => $"{n}",
            ["k > 9990", "k BETWEEN 3000000000 AND 4000000000", "k BETWEEN 17 AND 20::bigint", "k > 9980.5 AND k < 3000000000.5",
                "k < 20.0"],
            "(k + 0)"),
        ("VARCHAR", static n => $"customer-{n}",
            ["k > 'customer-99' AND k < 'customer-991'", "k BETWEEN 'customer-123' AND 'customer-124'", "k >= 'customer-9999'",
                "k < 'customer-1'", "k LIKE 'customer-98%'", "k LIKE 'customer-98_7'", "k LIKE 'customer\\-99%'", "k LIKE 'customer-777'",
                "k LIKE '%-4444'", "k LIKE 'customer-5%' AND k > 'customer-57' AND k < 'customer-571'", "k LIKE NULL"],
            "(k || '')"),
        ("DECIMAL(10, 2)", static n => (n / 4m).ToString("0.00", CultureInfo.InvariantCulture),
            ["k > 2490.1", "k BETWEEN 10 AND 12", "k > 10.2501 AND k <= 12.7499", "k < 3.001 AND k > -1e20"],
            "(k + 0)"),
        ("TIMESTAMP", static n => $"{(n * 60_001L) + 1_700_000_000_000}",
            ["k > '2023-11-21 00:00:00+00' AND k < '2023-11-21 01:00:00.000001+00'",
                "k BETWEEN TIMESTAMP '2023-11-15' AND TIMESTAMP '2023-11-15 00:30:00'"],
            "(k + INTERVAL '0 seconds')"),
        ("DATE", static n => $"{n}",
            ["k > '1997-01-01'", "k BETWEEN DATE '1980-01-01' AND DATE '1980-02-01'", "k > TIMESTAMP '1997-05-01 12:00:00'"],
            "(k + 0)"),
    ];

    public static TheoryData<int> TableNumbers => [.. Enumerable.Range(0, Tables.Length)];

    [Theory]
    [MemberData(nameof(TableNumbers))]
    public async Task Ranges_of_every_type_are_those_of_a_scan(int number)
    {
        var (type, key, conditions, hidden) = Tables[number];
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            $"CREATE TABLE t (k {type} PRIMARY KEY, v INTEGER) WITH (KAFKA_TOPIC = 't', PARTITIONS = 1, FORMAT = 'JSON');");
        await WriteAsync(engine, key, 0, static n => $$"""{"v":{{n}}}""");
        await CompareAsync(engine, conditions, hidden);
        // Every seventh row goes, others are written anew.
        await WriteAsync(engine, key, 1, static n => n % 7 == 0 ? null : n % 5 == 0 ? $$"""{"v":{{-n}}}""" : $$"""{"v":{{n}}}""");
        await CompareAsync(engine, conditions, hidden);

        await using var again = await engine.RestartAsync();
        await CompareAsync(again, conditions, hidden);
    }

    private static async Task CompareAsync(EngineHarness engine, string[] conditions, string hidden)
    {
        foreach (var condition in conditions)
        {
            var scanned = condition.Replace("k ", hidden + " ", StringComparison.Ordinal);
            var expected = await engine.RunAsync($"SELECT k, v FROM t WHERE {scanned};");
            for (var i = 0; i < 2; i++)
                (await engine.RunAsync($"SELECT k, v FROM t WHERE {condition};")).Order().ShouldBe(expected.Order(), condition);
            (await engine.RunAsync($"SELECT count(*), sum(v) FROM t WHERE {condition};")).ShouldBe(
                await engine.RunAsync($"SELECT count(*), sum(v) FROM t WHERE {scanned};"), condition);
        }
    }

    private static Task WriteAsync(EngineHarness engine, Func<int, string> key, int round, Func<int, string?> value) =>
        engine.ProduceRowsAsync("t", 1, Enumerable.Range(0, Rows).Select(n => (
            key(n) is var text && char.IsAsciiDigit(text[^1]) && !char.IsLetter(text[0]) ? text : $"\"{text}\"", value(n), (long)round)));
}
