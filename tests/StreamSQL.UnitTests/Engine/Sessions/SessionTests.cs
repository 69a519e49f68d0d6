using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class SessionTests
{
    private const string Stream =
        "CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, VALUE_FORMAT = 'JSON');";

    [Fact]
    public async Task A_failed_block_refuses_statements_until_it_ends()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("BEGIN");
        engine.Session.TransactionStatus.ShouldBe(TransactionStatus.InBlock);
        engine.Session.FailTransaction();

        (await Should.ThrowAsync<SqlException>(() => engine.RunAsync("SELECT 1"))).SqlState.ShouldBe(
            PostgresErrorCodes.InFailedSqlTransaction);
        await using var result = await engine.OpenAsync("COMMIT");

        result.CommandTag.ShouldBe("ROLLBACK");
        engine.Session.TransactionStatus.ShouldBe(TransactionStatus.Idle);
    }

    [Fact]
    public async Task A_rolled_back_block_takes_its_settings_back()
    {
        await using var engine = await EngineHarness.StartAsync();
        engine.Session.Settings.TakeReportedChanges().Count.ShouldBeGreaterThan(10, "at first all are told");
        await engine.RunAsync("BEGIN; SET application_name = 'inside'; SAVEPOINT p; SET application_name = 'deeper'; ROLLBACK TO p;");
        (await engine.RunAsync("SHOW application_name")).ShouldBe(["inside"]);
        engine.Session.Settings.TakeReportedChanges().Select(static change => change.Value).ShouldBe(["inside"]);

        await engine.RunAsync("ROLLBACK");

        (await engine.RunAsync("SHOW application_name")).ShouldBe([""]);
        engine.Session.Settings.TakeReportedChanges().Select(static change => change.Value).ShouldBe([""]);
        await engine.RunAsync("SET application_name = 'a'; SET application_name = ''");
        engine.Session.Settings.TakeReportedChanges().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_begin_is_a_warning()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("BEGIN");
        await using var result = await engine.OpenAsync("BEGIN");

        result.Notices.Single().SqlState.ShouldBe(PostgresErrorCodes.ActiveSqlTransaction);
    }

    [Fact]
    public async Task Properties_are_set_and_unset()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("SET 'auto.offset.reset' = 'EARLIEST'");
        engine.Session.Settings.Properties["auto.offset.reset"].ShouldBe("earliest");
        await engine.RunAsync("UNSET 'auto.offset.reset'");
        engine.Session.Settings.Properties.ContainsKey("auto.offset.reset").ShouldBeFalse();

        (await Should.ThrowAsync<SqlException>(() => engine.RunAsync("SET 'auto.offset.reset' = 'sometimes'"))).SqlState
            .ShouldBe(PostgresErrorCodes.InvalidParameterValue);
        (await Should.ThrowAsync<SqlException>(() => engine.RunAsync("SET no_such_setting = 1"))).SqlState.ShouldBe(
            PostgresErrorCodes.UndefinedObject);
    }

    [Fact]
    public async Task Lists_show_what_there_is()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream + "CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;");

        (await engine.RunAsync("SHOW STREAMS")).ShouldBe(["S|s|KAFKA|JSON|f"]);
        (await engine.RunAsync("LIST TABLES")).Single().ShouldStartWith("T|T|KAFKA|JSON|");
        (await engine.RunAsync("SHOW TOPICS")).ShouldBe(["T|2", "s|2"]);
        (await engine.RunAsync("SHOW QUERIES")).Single().ShouldStartWith("CTAS_T_");
        (await engine.RunAsync("DESCRIBE s")).ShouldBe(["K|VARCHAR|KEY", "V|INTEGER|"]);
        (await engine.RunAsync("DESCRIBE t EXTENDED")).ShouldContain(static row => row.Contains("|late rows|0", StringComparison.Ordinal));
        (await engine.RunAsync("EXPLAIN SELECT v FROM s WHERE v > 1 EMIT CHANGES")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_source_in_use_is_not_dropped()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream + "CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;");

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync("DROP STREAM s"));

        error.SqlState.ShouldBe(PostgresErrorCodes.DependentObjectsStillExist);
        error.Hint!.ShouldContain("CTAS_T_");
        await engine.RunAsync("DROP TABLE t; DROP STREAM s;");
        engine.Engine.Catalog.Sources.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_paused_query_goes_on_where_it_was()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream + "CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;");
        var id = engine.Engine.Queries.Single().Id;
        await engine.RunAsync($"PAUSE {id}; INSERT INTO s (k, v) VALUES ('a', 1);");
        (await engine.RunAsync("SELECT n FROM t")).ShouldBeEmpty();

        await engine.RunAsync($"RESUME {id}");

        (await engine.RunAsync("SELECT n FROM t")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_prepared_statement_survives_a_change_of_the_catalog()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream + "INSERT INTO s (k, v) VALUES ('a', 7);");
        var prepared = engine.Session.Prepare(engine.Session.Parse("SELECT v FROM s WHERE v = $1").Single(), []);
        await engine.RunAsync("CREATE STREAM other (v INTEGER) WITH (KAFKA_TOPIC = 'other', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");

        await using var result = await engine.Session.ExecuteAsync(prepared, [7], CancellationToken.None);

        (await EngineHarness.TakeAsync(result, 1)).ShouldBe(["7"]);
    }

    [Theory]
    [InlineData("EXPLAIN SELECT v FROM s WHERE v = $1")]
    [InlineData("EXPLAIN ANALYZE SELECT v FROM s WHERE v = $1")]
    [InlineData("EXPLAIN (FORMAT JSON) SELECT v FROM s WHERE v = $1 AND current_user = 'x'")]
    public async Task Explain_takes_the_parameters_of_its_statement(string text)
    {
        await using var engine = await EngineHarness.StartAsync(withCatalog: true);
        await engine.RunAsync(Stream);
        var prepared = engine.Session.Prepare(engine.Session.Parse(text).Single(), []);

        prepared.ParameterTypes.ShouldBe([SqlType.Integer]);
        await using var result = await engine.Session.ExecuteAsync(prepared, [7], CancellationToken.None);
        (await EngineHarness.TakeAsync(result, 1)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Print_shows_the_records_of_a_topic()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Stream + "INSERT INTO s (k, v) VALUES ('a', 7);");

        (await engine.RunAsync("PRINT 's' FROM BEGINNING LIMIT 1")).Single().ShouldEndWith("""|a|{"V":7}""");
    }
}
