using StreamSQL.ConformanceTests.Support;

namespace StreamSQL.ConformanceTests.Select;

/// <summary>Conditions on a table's key find its rows by key, whatever type the constant has.</summary>
public sealed class KeyLookupTests
{
    private const string Tables = """
        CREATE TABLE instants (k TIMESTAMP PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'instants', PARTITIONS = 1, FORMAT = 'JSON');
        CREATE TABLE days (k DATE PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'days', PARTITIONS = 1, FORMAT = 'JSON');
        CREATE TABLE longs (k BIGINT PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'longs', PARTITIONS = 1, FORMAT = 'JSON');
        CREATE TABLE ints (k INT PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'ints', PARTITIONS = 1, FORMAT = 'JSON');
        CREATE TABLE prices (k DECIMAL(10, 2) PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'prices', PARTITIONS = 1, FORMAT = 'JSON');
        CREATE TABLE names (k VARCHAR PRIMARY KEY, v INT) WITH (KAFKA_TOPIC = 'names', PARTITIONS = 1, FORMAT = 'JSON');
        INSERT INTO instants VALUES ('2024-01-01 00:00:00+00', 1), ('2024-01-02 00:00:00.5+00', 2);
        INSERT INTO days VALUES ('2024-01-01', 1), ('2024-01-02', 2);
        INSERT INTO longs VALUES (5, 1), (6, 2);
        INSERT INTO ints VALUES (5, 1), (6, 2);
        INSERT INTO prices VALUES (5, 1), (5.12, 2);
        """;

    private static readonly (string Condition, string[] Rows)[] Lookups =
    [
        ("instants WHERE k = '2024-01-01 00:00:00+00'", ["1"]),
        ("instants WHERE k = TIMESTAMP '2024-01-01 00:00:00'", ["1"]),
        ("instants WHERE k = TIMESTAMPTZ '2024-01-02 01:00:00.5+01'", ["2"]),
        ("instants WHERE TIMESTAMPTZ '2024-01-02 00:00:00.500001+00' = k", []),
        ("instants WHERE k IN (TIMESTAMPTZ '2024-01-02 00:00:00.5+00', '2024-01-02 00:00:00.5+00', TIMESTAMP '2024-01-01')", ["1", "2"]),
        ("days WHERE k = TIMESTAMP '2024-01-01'", ["1"]),
        ("days WHERE k = TIMESTAMP '2024-01-01 00:00:01'", []),
        ("days WHERE k = DATE '2024-01-01' + 1", ["2"]),
        ("longs WHERE k = 5.0", ["1"]),
        ("longs WHERE k = 5.5", []),
        ("longs WHERE k IN (5, 5.0, 6.0)", ["1", "2"]),
        ("longs WHERE k = 1e30", []),
        ("ints WHERE k = 5::bigint", ["1"]),
        ("ints WHERE k IN (5, 3000000000, 6.0)", ["1", "2"]),
        ("prices WHERE k = 5", ["1"]),
        ("prices WHERE k = 5.120", ["2"]),
        ("prices WHERE k = 5.123", []),
        ("prices WHERE k = 100000000000", []),
    ];

    private static readonly (string Condition, string Access)[] Ranges =
    [
        ("instants WHERE k > now() - interval '1 hour'", "by key > (NOW() - INTERVAL '01:00:00')"),
        ("instants WHERE k <= DATE '2024-01-01'", "by key <= CAST(DATE 19723 AS TIMESTAMPTZ)"),
        ("longs WHERE k >= 5.5", "by key >= 55E-1"),
        ("prices WHERE k < 5", "by key < 500E-2"),
        ("names WHERE k LIKE 'ab%'", "by key LIKE 'ab%'"),
    ];

    [Fact]
    public async Task A_constant_of_another_type_is_looked_up_and_not_scanned_for()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.ExecuteAsync(Tables);
        foreach (var (condition, rows) in Lookups)
        {
            (await engine.QueryAsync($"EXPLAIN SELECT v FROM {condition}")).ShouldContain(
                static line => line.Contains(" by keys (", StringComparison.Ordinal), condition);
            string.Join(", ", (await engine.QueryAsync($"SELECT v FROM {condition}")).Order()).ShouldBe(string.Join(", ", rows), condition);
        }
    }

    [Fact]
    public async Task A_range_of_another_type_bounds_the_scan()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.ExecuteAsync(Tables);
        foreach (var (condition, access) in Ranges)
            (await engine.QueryAsync($"EXPLAIN SELECT v FROM {condition}")).ShouldContain(
                line => line.Contains(access, StringComparison.Ordinal), condition);
        (await engine.QueryAsync("SELECT v FROM longs WHERE k >= 5.5")).ShouldBe(["2"]);
        (await engine.QueryAsync("SELECT v FROM instants WHERE k > TIMESTAMPTZ '2024-01-01 00:00:00.0001+00'")).ShouldBe(["2"]);
    }

    [Fact]
    public async Task What_is_not_the_same_for_all_rows_scans()
    {
        await using var engine = await TestEngine.StartAsync();
        await engine.ExecuteAsync(Tables);
        (await engine.QueryAsync("EXPLAIN SELECT v FROM longs WHERE k = v")).ShouldNotContain(
            static line => line.Contains(" by key", StringComparison.Ordinal));
        (await engine.QueryAsync("EXPLAIN SELECT v FROM instants WHERE k = clock_timestamp()")).ShouldNotContain(
            static line => line.Contains(" by key", StringComparison.Ordinal));
    }
}
