using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>A prepared look-up is run again with the operators of its last run: nothing of that one may be seen.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class RepeatedQueryTests
{
    private const string Table = """
        CREATE TABLE t (id BIGINT PRIMARY KEY, a INTEGER, name VARCHAR) WITH (KAFKA_TOPIC = 't', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
        INSERT INTO t (id, a, name) VALUES (1, 10, 'one'), (2, 20, 'two'), (3, NULL, NULL);
        """;

    [Fact]
    public async Task Other_values_give_other_rows()
    {
        await using var engine = await StartAsync();
        var lookUp = Prepare(engine, "SELECT name, a + 1, id FROM t WHERE id = $1");

        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["one|11|1"]);
        (await RunAsync(engine, lookUp, 3L)).ShouldBe(["null|null|3"]);
        (await RunAsync(engine, lookUp, 2L)).ShouldBe(["two|21|2"]);
        (await RunAsync(engine, lookUp, 4L)).ShouldBeEmpty();
        (await RunAsync(engine, lookUp, (object?)null)).ShouldBeEmpty();
        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["one|11|1"]);
    }

    [Fact]
    public async Task Limits_and_long_lists_are_those_of_the_run()
    {
        await using var engine = await StartAsync();
        var some = Prepare(engine, "SELECT name FROM t WHERE id IN (1, 2) LIMIT $1 OFFSET $2");
        some.IsShort.ShouldBeTrue();
        (await RunAsync(engine, some, 1L, 0L)).ShouldBe(["one"]);
        (await RunAsync(engine, some, 1L, 1L)).ShouldBe(["two"]);
        (await RunAsync(engine, some, null, null)).ShouldBe(["one", "two"]);
        (await RunAsync(engine, some, 0L, 0L)).ShouldBeEmpty();
        (await Should.ThrowAsync<SqlException>(() => RunAsync(engine, some, -1L, 0L))).SqlState.ShouldBe("2201W");
        (await RunAsync(engine, some, 5L, 0L)).ShouldBe(["one", "two"]);

        var first = Prepare(engine, "SELECT name FROM t WHERE id = $1 LIMIT 1");
        first.IsShort.ShouldBeTrue();
        (await RunAsync(engine, first, 1L)).ShouldBe(["one"]);
        (await RunAsync(engine, first, 2L)).ShouldBe(["two"]);

        var listed = Prepare(engine, "SELECT id FROM t WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, 3)");
        listed.IsShort.ShouldBeTrue();
        (await RunAsync(engine, listed, 1L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L)).Order().ShouldBe(["1", "3"]);
        (await RunAsync(engine, listed, 5L, 2L, 2L, 7L, 8L, 9L, 10L, 11L, 12L)).Order().ShouldBe(["2", "3"]);
        (await RunAsync(engine, listed, 5L, null, 2L, 7L, 8L, 9L, 10L, 1L, 12L)).Order().ShouldBe(["1", "2", "3"]);
        (await RunAsync(engine, listed, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L)).ShouldBe(["3"]);
    }

    [Theory]
    [InlineData("SELECT 1", true)]
    [InlineData("SELECT name, a + 1 FROM t WHERE id = 1", true)]
    [InlineData("SELECT name FROM t WHERE id IN (1, 2) AND a > 3 LIMIT 1", true)]
    [InlineData("SELECT repeat(name, 1000) FROM t WHERE id = 1", false)]
    [InlineData("SELECT name FROM t WHERE id = 1 AND name ~ '(a+)+b'", false)]
    [InlineData("SELECT name FROM t", false)]
    public async Task Only_what_is_brief_whatever_it_meets_is_ready_once_it_has_run(string text, bool isReady)
    {
        await using var engine = await StartAsync();
        var statement = Prepare(engine, text);
        statement.IsReadyAt(engine.Session.CatalogVersion).ShouldBeFalse();
        await RunAsync(engine, statement);
        statement.IsReadyAt(engine.Session.CatalogVersion).ShouldBe(isReady);
        await engine.RunAsync("CREATE STREAM another (id INTEGER) WITH (KAFKA_TOPIC = 'another', PARTITIONS = 1, VALUE_FORMAT = 'JSON');");
        statement.IsReadyAt(engine.Session.CatalogVersion).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_written_in_between_is_seen()
    {
        await using var engine = await StartAsync();
        var lookUp = Prepare(engine, "SELECT name FROM t WHERE id = $1");

        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["one"]);
        await engine.RunAsync("UPDATE t SET name = 'uno' WHERE id = 1;");
        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["uno"]);
        await engine.RunAsync("BEGIN; UPDATE t SET name = 'eins' WHERE id = 1;");
        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["eins"]);
        await engine.RunAsync("ROLLBACK;");
        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["uno"]);
        await engine.RunAsync("DELETE FROM t WHERE id = 1;");
        (await RunAsync(engine, lookUp, 1L)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_result_of_a_query_is_looked_up_too()
    {
        await using var engine = await StartAsync();
        await engine.RunAsync("""
            CREATE STREAM s (k VARCHAR, a INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            CREATE TABLE n AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
            INSERT INTO s (k, a) VALUES ('x', 1), ('y', 1), ('x', 1);
            """);
        var lookUp = Prepare(engine, "SELECT n FROM n WHERE k = $1");

        (await RunAsync(engine, lookUp, "x")).ShouldBe(["2"]);
        (await RunAsync(engine, lookUp, "y")).ShouldBe(["1"]);
        await engine.RunAsync("INSERT INTO s (k, a) VALUES ('y', 1);");
        (await RunAsync(engine, lookUp, "y")).ShouldBe(["2"]);
        (await RunAsync(engine, lookUp, "z")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Constants_are_computed_in_each_run()
    {
        await using var engine = await StartAsync();
        var sum = Prepare(engine, "SELECT $1::BIGINT * 2 + 1, CASE WHEN $2 THEN 'yes' ELSE 'no' END, COALESCE($3, 'none')");

        (await RunAsync(engine, sum, 1L, true, "a")).ShouldBe(["3|yes|a"]);
        (await RunAsync(engine, sum, 5L, false, null)).ShouldBe(["11|no|none"]);

        var now = Prepare(engine, "SELECT clock_timestamp()");
        var first = await RunAsync(engine, now);
        (await RunAsync(engine, now)).ShouldNotBe(first);

        var at = Prepare(engine, "SELECT TIMESTAMPTZ '2024-07-01 12:00:00+00'::TEXT");
        await engine.RunAsync("SET TimeZone = 'UTC';");
        (await RunAsync(engine, at)).Single().ShouldStartWith("2024-07-01 12:00:00");
        await engine.RunAsync("SET TimeZone = 'Asia/Tokyo';");
        (await RunAsync(engine, at)).Single().ShouldStartWith("2024-07-01 21:00:00");
    }

    [Fact]
    public async Task An_error_leaves_nothing_behind()
    {
        await using var engine = await StartAsync();
        var division = Prepare(engine, "SELECT a / $2 FROM t WHERE id = $1");

        (await RunAsync(engine, division, 1L, 5)).ShouldBe(["2"]);
        (await Should.ThrowAsync<SqlException>(() => RunAsync(engine, division, 1L, 0))).SqlState.ShouldBe("22012");
        (await RunAsync(engine, division, 2L, 4)).ShouldBe(["5"]);
    }

    [Fact]
    public async Task Two_runs_at_once_have_rows_of_their_own()
    {
        await using var engine = await StartAsync();
        var lookUp = Prepare(engine, "SELECT name FROM t WHERE id = $1");

        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["one"]);
        await using var first = await engine.Session.ExecuteAsync(lookUp, [1L], CancellationToken.None);
        (await RunAsync(engine, lookUp, 2L)).ShouldBe(["two"]);
        (await EngineHarness.TakeAsync(first, 1)).ShouldBe(["one"]);
    }

    [Fact]
    public async Task A_table_that_was_made_anew_is_another_one()
    {
        await using var engine = await StartAsync();
        var lookUp = Prepare(engine, "SELECT name FROM t WHERE id = $1");

        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["one"]);
        await engine.RunAsync("DROP TABLE t DELETE TOPIC;");
        await Should.ThrowAsync<SqlException>(() => RunAsync(engine, lookUp, 1L));
        await engine.RunAsync(Table.Replace("'one'", "'new'", StringComparison.Ordinal));
        (await RunAsync(engine, lookUp, 1L)).ShouldBe(["new"]);
    }

    [Fact]
    public async Task A_look_up_allocates_little()
    {
        await using var engine = await StartAsync();
        var lookUp = Prepare(engine, "SELECT name FROM t WHERE id = $1");
        object?[] values = [2L];
        for (var i = 0; i < 100; i++)
            await ReadAsync(engine, lookUp, values);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 1000; i++)
            await ReadAsync(engine, lookUp, values);
        ((GC.GetTotalAllocatedBytes(precise: true) - before) / 1000.0).ShouldBeLessThan(2000);
    }

    private static async Task<EngineHarness> StartAsync()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Table);
        return engine;
    }

    private static PreparedStatement Prepare(EngineHarness engine, string sql) =>
        engine.Session.Prepare(engine.Session.Parse(sql).Single(), []);

    private static async Task<List<string>> RunAsync(EngineHarness engine, PreparedStatement statement, params object?[] values)
    {
        await using var result = await engine.Session.ExecuteAsync(statement, values, CancellationToken.None);
        return await EngineHarness.TakeAsync(result, int.MaxValue);
    }

    private static async Task ReadAsync(EngineHarness engine, PreparedStatement statement, object?[] values)
    {
        await using var result = await engine.Session.ExecuteAsync(statement, values, CancellationToken.None);
        while (await result.ReadAsync(CancellationToken.None) is not null)
        {
        }
    }
}
