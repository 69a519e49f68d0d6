using StreamSQL.Data.Errors;
using StreamSQL.Engine;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class PullQueryRuleTests
{
    private const string Sources = """
        CREATE STREAM s (k VARCHAR KEY, a INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
        CREATE TABLE plain (k VARCHAR PRIMARY KEY, a INTEGER) WITH (KAFKA_TOPIC = 'p', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
        CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
        CREATE TABLE w AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY k;
        INSERT INTO s (rowtime, k, a) VALUES (0, 'x', 1), (0, 'y', 2);
        """;

    [Theory]
    [InlineData("SELECT k FROM t GROUP BY k", "Pull queries don't support GROUP BY clauses.")]
    [InlineData("SELECT * FROM t JOIN s ON t.k = s.k", "Pull queries don't support JOIN clauses.")]
    [InlineData("SELECT k FROM t HAVING k = 'x'", "Pull queries don't support HAVING clauses.")]
    [InlineData("SELECT * FROM t ORDER BY k", "Syntax Error")]
    [InlineData("SELECT * FROM t WHERE ROWOFFSET = 1", "in WHERE clauses: `ROWOFFSET`")]
    [InlineData("SELECT ROWPARTITION FROM t", "in SELECT clauses: `ROWPARTITION`")]
    [InlineData("SELECT * FROM plain", "CREATE TABLE QUERYABLE_PLAIN AS SELECT * FROM PLAIN")]
    [InlineData("SELECT n, n FROM t", "Duplicate value columns found in schema: `N` BIGINT")]
    [InlineData("SELECT * FROM t WHERE k IN (NULL)", "Primary key columns can not be NULL")]
    public async Task Compatibility_refuses_what_ksqlDB_refuses(string query, string reason)
    {
        await using var engine = await StartAsync("ksql.compat", "true");

        (await Should.ThrowAsync<SqlException>(() => engine.RunAsync(query))).Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("SELECT * FROM t WHERE k = 'x'", null)]
    [InlineData("SELECT * FROM t WHERE k IN ('x', 'z')", null)]
    [InlineData("SELECT * FROM t WHERE (k = 'x' OR k = 'z') AND n > 0", null)]
    [InlineData("SELECT * FROM t WHERE k < 'y'", null)]
    [InlineData("SELECT * FROM w WHERE k = 'x' AND windowstart >= 0", null)]
    [InlineData("SELECT * FROM t", "table scan")]
    [InlineData("SELECT * FROM t WHERE n > 0", "missing key column for disjunct: (N > 0)")]
    [InlineData("SELECT * FROM t WHERE k = 'x' OR n > 0", "missing key column for disjunct: (N > 0)")]
    [InlineData("SELECT * FROM t WHERE k <> 'x'", "must currently be '='")]
    [InlineData("SELECT * FROM t WHERE k > 'a' AND k < 'b'", "cannot be combined with other comparisons")]
    [InlineData("SELECT * FROM w WHERE k < 'y'", "Query requires table scan to be enabled")]
    public async Task Scans_of_tables_can_be_switched_off(string query, string? reason)
    {
        await using var engine = await StartAsync("ksql.query.pull.table.scan.enabled", "false");

        if (reason is null)
            (await engine.RunAsync(query)).Count.ShouldBe(1);
        else
            (await Should.ThrowAsync<SqlException>(() => engine.RunAsync(query))).Message.ShouldContain(reason);
    }

    [Fact]
    public async Task Without_these_settings_all_is_possible()
    {
        await using var engine = await StartAsync("auto.offset.reset", "earliest");

        (await engine.RunAsync("SELECT t.k, n + 1 FROM t JOIN s ON t.k = s.k WHERE n > 0 ORDER BY 1 DESC LIMIT 1")).ShouldBe(["y|2"]);
    }

    [Fact]
    public async Task A_push_query_aggregates_without_groups()
    {
        await using var engine = await StartAsync("auto.offset.reset", "earliest");

        await using var result = await engine.OpenAsync("SELECT COUNT(*) AS n FROM s EMIT CHANGES");

        (await EngineHarness.TakeAsync(result, 1))[^1].ShouldBe("2");
    }

    private static async Task<EngineHarness> StartAsync(string property, string value)
    {
        var engine = await EngineHarness.StartAsync(
            options: new EngineOptions { Properties = new Dictionary<string, string> { [property] = value } });
        await engine.RunAsync(Sources);
        await engine.CaughtUpAsync();
        return engine;
    }
}
