using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions.Writing;

/// <summary>INSERT, UPDATE and DELETE in WITH: all parts of a statement read what was there before it, and are written together.</summary>
public class WithWritesTests
{
    private const string Counters = """
        CREATE TABLE counters (k INTEGER PRIMARY KEY, n INTEGER, by VARCHAR)
            WITH (KAFKA_TOPIC = 'counters', PARTITIONS = 4, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE STREAM log (what VARCHAR, k INTEGER) WITH (KAFKA_TOPIC = 'log', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
        INSERT INTO counters VALUES (1, 10, 'a'), (2, 20, 'b');
        """;

    [Theory]
    [InlineData("WITH d AS (DELETE FROM counters WHERE k = 1 RETURNING *) SELECT n, by FROM d", "10|a", "2|20|b")]
    [InlineData("WITH d AS (DELETE FROM counters WHERE k = 1) SELECT 7", "7", "2|20|b")]
    [InlineData("WITH d AS (DELETE FROM counters RETURNING k, n) INSERT INTO counters SELECT k + 10, n, 'moved' FROM d RETURNING k",
        "11,12", "11|10|moved", "12|20|moved")]
    [InlineData("WITH i AS (INSERT INTO counters VALUES (3, 30, 'c') RETURNING k) SELECT count(*), (SELECT k FROM i) FROM counters", "2|3",
        "1|10|a", "2|20|b", "3|30|c")]
    [InlineData("WITH u AS (UPDATE counters SET n = n + 1 RETURNING k, n), i AS (INSERT INTO counters SELECT k + 100, n, 'copy' FROM u " +
        "RETURNING k) SELECT sum(k) FROM i",
        "203", "1|11|a", "2|21|b", "101|11|copy", "102|21|copy")]
    [InlineData("WITH x(a) AS (DELETE FROM counters WHERE k = 2 RETURNING by) UPDATE counters SET by = x.a FROM x WHERE k = 1 RETURNING by",
        "b", "1|10|b")]
    [InlineData("WITH x AS (UPDATE counters SET n = 0 WHERE k = 1 RETURNING k) DELETE FROM counters USING x WHERE counters.k = x.k + 1 " +
        "RETURNING counters.by", "b", "1|0|a")]
    [InlineData("WITH w AS (SELECT 5 AS k), i AS (INSERT INTO counters SELECT k, 50, 'w' FROM w RETURNING k) SELECT i.k, w.k FROM i, w",
        "5|5", "1|10|a", "2|20|b", "5|50|w")]
    [InlineData("WITH i AS (INSERT INTO counters VALUES (1, 0, 'x') ON CONFLICT (k) DO UPDATE SET n = counters.n + 1 RETURNING n) SELECT " +
        "* FROM i, i AS again", "11|11", "1|11|a", "2|20|b")]
    [InlineData("WITH d AS (DELETE FROM counters WHERE k > 5 RETURNING k) SELECT count(*) FROM d", "0", "1|10|a", "2|20|b")]
    public async Task Writes(string statement, string returned, params string[] expected)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        string.Join(',', (await engine.RunAsync(statement)).Order(StringComparer.Ordinal)).ShouldBe(returned);

        (await engine.RunAsync("SELECT k, n, by FROM counters ORDER BY k")).ShouldBe(expected);
    }

    [Fact]
    public async Task Several_targets_are_written_together_or_not_at_all()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        await engine.RunAsync(
            "WITH d AS (DELETE FROM counters RETURNING k), l AS (INSERT INTO log SELECT 'deleted', k FROM d) SELECT count(*) FROM d");
        (await engine.RunAsync("SELECT what, k FROM log ORDER BY k")).ShouldBe(["deleted|1", "deleted|2"]);

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(
            "WITH i AS (INSERT INTO counters VALUES (9, 9, 'never') RETURNING k) INSERT INTO log SELECT 'divided', k / 0 FROM i"));
        error.SqlState.ShouldBe(PostgresErrorCodes.DivisionByZero);
        (await engine.RunAsync("SELECT k FROM counters")).ShouldBeEmpty();
    }

    [Fact]
    public async Task In_a_block_they_are_held_until_its_end()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        await engine.RunAsync("BEGIN");
        (await engine.RunAsync("WITH d AS (DELETE FROM counters WHERE k = 1 RETURNING n) SELECT n FROM d")).ShouldBe(["10"]);
        (await engine.RunAsync("SELECT k FROM counters")).ShouldBe(["2"]);
        await engine.RunAsync("ROLLBACK");

        (await engine.RunAsync("SELECT k FROM counters ORDER BY k")).ShouldBe(["1", "2"]);
    }

    [Theory]
    [InlineData("WITH d AS (DELETE FROM counters) SELECT * FROM d", "WITH query \"d\" does not have a RETURNING clause")]
    [InlineData("SELECT * FROM (WITH d AS (DELETE FROM counters RETURNING k) SELECT k FROM d) AS q",
        "WITH clause containing a data-modifying statement must be at the top level")]
    [InlineData("EXPLAIN ANALYZE WITH d AS (DELETE FROM counters RETURNING k) SELECT k FROM d",
        "EXPLAIN ANALYZE runs the statement: only a bounded SELECT is supported")]
    public async Task What_is_refused(string statement, string message)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Counters);

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement));

        error.SqlState.ShouldBe(PostgresErrorCodes.FeatureNotSupported);
        error.Message.ShouldBe(message);
    }
}
