using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Sessions;

public class StatementInventoryTests
{
    private const string Sources = """
        CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
        CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
        INSERT INTO s VALUES ('a', 1), ('b', 2);
        """;

    [Theory]
    [InlineData("SHOW STREAMS")]
    [InlineData("LIST TABLES")]
    [InlineData("SHOW STREAMS EXTENDED")]
    [InlineData("LIST TABLES EXTENDED")]
    [InlineData("SHOW QUERIES")]
    [InlineData("SHOW QUERIES EXTENDED")]
    [InlineData("SHOW TOPICS")]
    [InlineData("SHOW ALL TOPICS")]
    [InlineData("LIST ALL TOPICS EXTENDED")]
    [InlineData("SHOW FUNCTIONS")]
    [InlineData("SHOW PROPERTIES")]
    [InlineData("DESCRIBE s")]
    [InlineData("DESCRIBE t EXTENDED")]
    [InlineData("DESCRIBE STREAMS")]
    [InlineData("DESCRIBE TABLES EXTENDED")]
    [InlineData("DESCRIBE FUNCTION COUNT")]
    [InlineData("PRINT 's' FROM BEGINNING LIMIT 1")]
    [InlineData("PRINT s FROM BEGINNING INTERVAL 1 LIMIT 1")]
    [InlineData("EXPLAIN CTAS_T_1")]
    [InlineData("EXPLAIN SELECT * FROM s EMIT CHANGES")]
    public async Task Statements_that_list_something_give_rows(string statement)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Sources);

        (await engine.RunAsync(statement)).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("SHOW CONNECTORS")]
    [InlineData("LIST SOURCE CONNECTORS")]
    [InlineData("SHOW CONNECTOR PLUGINS")]
    [InlineData("SHOW VARIABLES")]
    [InlineData("DROP CONNECTOR IF EXISTS c")]
    [InlineData("PAUSE CTAS_T_1; RESUME CTAS_T_1")]
    [InlineData("PAUSE ALL; RESUME ALL")]
    [InlineData("TERMINATE ALL")]
    [InlineData("TERMINATE CTAS_T_1; DROP TABLE t DELETE TOPIC; ASSERT NOT EXISTS TOPIC \"T\"")]
    [InlineData("CREATE STREAM r AS SELECT * FROM s; INSERT INTO r WITH (QUERY_ID = 'mine') SELECT * FROM s; TERMINATE mine")]
    public async Task Statements_that_do_something_are_done(string statement)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Sources);

        (await engine.RunAsync(statement)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("CREATE SINK CONNECTOR c WITH ('connector.class' = 'x')", PostgresErrorCodes.FeatureNotSupported)]
    [InlineData("DROP CONNECTOR c", PostgresErrorCodes.UndefinedObject)]
    [InlineData("DESCRIBE CONNECTOR c", PostgresErrorCodes.UndefinedObject)]
    [InlineData("ALTER SYSTEM search_path = 'x'", PostgresErrorCodes.FeatureNotSupported)]
    [InlineData("TERMINATE nothing", PostgresErrorCodes.UndefinedObject)]
    [InlineData("CREATE SOURCE TABLE x (k VARCHAR PRIMARY KEY) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON'); DROP TABLE x DELETE TOPIC",
        PostgresErrorCodes.FeatureNotSupported)]
    public async Task What_cannot_be_done_is_said_so(string statement, string state)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Sources);

        (await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement))).SqlState.ShouldBe(state);
    }

    [Fact]
    public async Task Properties_are_listed_with_what_was_set_and_what_holds_otherwise()
    {
        await using var engine = await EngineHarness.StartAsync();

        var rows = await engine.RunAsync("SET 'auto.offset.reset' = 'latest'; SET 'my.own' = 'x'; SHOW PROPERTIES");

        rows.ShouldContain("auto.offset.reset|latest");
        rows.ShouldContain("my.own|x");
        rows.ShouldContain("ksql.query.pull.table.scan.enabled|true");
        rows.ShouldBe(rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_property_of_the_system_holds_for_sessions_that_begin_later_and_after_a_restart()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("ALTER SYSTEM 'auto.offset.reset' = 'Earliest'");
        await using (var other = engine.Engine.CreateSession("other", "streamsql"))
            other.Settings.Get("auto.offset.reset").ShouldBe("earliest");

        engine = await engine.RestartAsync();

        engine.Session.Settings.Get("auto.offset.reset").ShouldBe("earliest");
        await engine.DisposeAsync();
    }
}
