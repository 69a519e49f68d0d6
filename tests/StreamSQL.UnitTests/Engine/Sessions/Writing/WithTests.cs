using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions.Writing;

/// <summary>WITH in front of statements that write, and assignments of whole rows.</summary>
public class WithTests
{
    private const string Counters = """
        CREATE TABLE counters (k INTEGER PRIMARY KEY, n INTEGER, by VARCHAR)
            WITH (KAFKA_TOPIC = 'counters', PARTITIONS = 4, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        INSERT INTO counters VALUES (1, 10, 'a'), (2, 20, 'b');
        """;

    [Theory]
    [InlineData("WITH c AS (SELECT 5 AS k, 50 AS n) INSERT INTO counters SELECT k, n, 'w' FROM c RETURNING k", "5", "1|10|a",
        "2|20|b", "5|50|w")]
    [InlineData("WITH c AS (SELECT 7 AS v) INSERT INTO counters VALUES ((SELECT v FROM c), 1, 'w') RETURNING k", "7", "1|10|a",
        "2|20|b", "7|1|w")]
    [InlineData("WITH c(k) AS (SELECT 8) INSERT INTO counters WITH c(k) AS (SELECT 9) SELECT k, 1, 'inner' FROM c RETURNING k", "9",
        "1|10|a", "2|20|b", "9|1|inner")]
    [InlineData("WITH c AS (SELECT max(n) AS m FROM counters) UPDATE counters SET n = n + c.m FROM c WHERE k = 1 RETURNING n", "30",
        "1|30|a", "2|20|b")]
    [InlineData("WITH c AS (SELECT 2 AS d) DELETE FROM counters WHERE k IN (SELECT d FROM c) RETURNING k", "2", "1|10|a")]
    [InlineData("WITH RECURSIVE c(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM c WHERE d < 2) DELETE FROM counters USING c WHERE k = c.d " +
        "RETURNING k", "1,2")]
    [InlineData("UPDATE counters SET (n, by) = (n * 2, 'm') WHERE k = 2 RETURNING n, by", "40|m", "1|10|a", "2|40|m")]
    [InlineData("UPDATE counters SET (n, by) = ROW (DEFAULT, 'd') WHERE k = 1 RETURNING n, by", "null|d", "1|null|d", "2|20|b")]
    [InlineData("UPDATE counters SET (n, by) = (SELECT max(o.n), 'q' FROM counters AS o WHERE o.k <> counters.k) WHERE k = 1 RETURNING " +
        "n, by", "20|q", "1|20|q", "2|20|b")]
    public async Task Writes(string statement, string returned, params string[] expected)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        string.Join(',', (await engine.RunAsync(statement)).Order(StringComparer.Ordinal)).ShouldBe(returned);

        (await engine.RunAsync("SELECT k, n, by FROM counters ORDER BY k")).ShouldBe(expected);
    }

    [Fact]
    public async Task The_query_of_several_columns_runs_once_for_a_row()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        // A random number is twice the same only if it was drawn once.
        (await engine.RunAsync("UPDATE counters SET (n, by) = (SELECT q.x, q.x::text FROM (SELECT (random() * 1000000000)::int AS x) AS " +
            "q) RETURNING n::text = by"))
            .ShouldBe(["t", "t"]);
    }

    [Theory]
    [InlineData("UPDATE counters SET (n, by) = (SELECT 1) WHERE k = 1", PostgresErrorCodes.SyntaxError,
        "number of columns does not match number of values")]
    [InlineData("UPDATE counters SET (n, by) = (1) WHERE k = 1", PostgresErrorCodes.SyntaxError,
        "number of columns does not match number of values")]
    [InlineData("SELECT * FROM counters TABLESAMPLE SYSTEM (101)", PostgresErrorCodes.InvalidTablesampleArgument,
        "sample percentage must be between 0 and 100")]
    [InlineData("SELECT * FROM ROWS FROM (upper('a'), generate_series(1, 2)) AS r(a, b)", PostgresErrorCodes.FeatureNotSupported,
        "ROWS FROM takes functions that give rows; upper gives one value")]
    public async Task What_is_refused(string statement, string sqlState, string message)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement));

        error.SqlState.ShouldBe(sqlState);
        error.Message.ShouldEndWith(message);
    }
}
