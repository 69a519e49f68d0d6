using StreamSQL.Data.Errors;
using StreamSQL.Engine.Queries;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

public class UpgradeTests
{
    private const string Source =
        "CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, VALUE_FORMAT = 'JSON');";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replaced_aggregate_goes_on_counting(bool restarts)
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Source + """
            CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s WHERE v >= 0 GROUP BY k EMIT CHANGES;
            INSERT INTO s VALUES ('a', 1), ('a', 0), ('b', 0);
            """);
        (await engine.RunAsync("SELECT k, n FROM t")).Order().ShouldBe(["a|2", "b|1"]);

        await engine.RunAsync(
            "CREATE OR REPLACE TABLE t AS SELECT k, COUNT(*) AS n, AS_VALUE(k) AS name FROM s WHERE v > 0 GROUP BY k EMIT CHANGES");
        if (restarts)
            engine = await engine.RestartAsync();
        await engine.RunAsync("INSERT INTO s VALUES ('a', 1), ('b', 0);");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT k, n, name FROM t")).Order().ShouldBe(["a|3|a", "b|1|b"]);
        engine.Engine.Queries.Single().Status.ShouldBe(QueryStatus.Running);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_query_goes_on_with_the_columns_that_its_source_had()
    {
        var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            Source + "CREATE STREAM r AS SELECT * FROM s; ALTER STREAM s ADD COLUMN w INTEGER; INSERT INTO s VALUES ('a', 1, 2);");
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT * FROM r")).ShouldBe(["a|1"]);
        (await engine.RunAsync("SELECT * FROM s")).ShouldBe(["a|1|2"]);

        engine = await engine.RestartAsync();
        await engine.RunAsync("INSERT INTO s VALUES ('b', 3, 4);");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT * FROM r")).Order().ShouldBe(["a|1", "b|3"]);
        engine.Engine.Queries.Single().Status.ShouldBe(QueryStatus.Running);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_join_goes_on_with_the_table_that_it_had()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Source + """
            CREATE TABLE d (k VARCHAR PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC = 'd', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            INSERT INTO d VALUES ('a', 'first');
            CREATE STREAM j AS SELECT s.k AS k, v, name FROM s JOIN d ON s.k = d.k;
            INSERT INTO s VALUES ('a', 1);
            """);
        await engine.CaughtUpAsync();
        await engine.RunAsync("ALTER TABLE d ADD COLUMN city VARCHAR; INSERT INTO s VALUES ('a', 2);");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT k, v, name FROM j")).Order().ShouldBe(["a|1|first", "a|2|first"]);
        (await engine.RunAsync("SELECT name, city FROM d")).ShouldBe(["first|null"]);
    }

    [Theory]
    [InlineData("CREATE OR REPLACE STREAM s (k VARCHAR KEY) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON')",
        "The following columns are changed")]
    [InlineData("CREATE OR REPLACE STREAM s (v INTEGER) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON')", "Key columns must be identical")]
    [InlineData("CREATE OR REPLACE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'DELIMITED')",
        "value format")]
    [InlineData("CREATE OR REPLACE TABLE t AS SELECT k, SUM(v) AS n FROM s GROUP BY k", "The following columns are changed")]
    [InlineData("CREATE OR REPLACE TABLE t AS SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s GROUP BY k", "Upgrades not yet supported")]
    [InlineData("ALTER STREAM s ADD COLUMN v BIGINT", "already exists")]
    [InlineData("ALTER TABLE s ADD COLUMN w BIGINT", "Incompatible data source type")]
    [InlineData("ALTER TABLE t ADD COLUMN w BIGINT", "ALTER command is not supported for CREATE ... AS")]
    [InlineData("ALTER TABLE nothing ADD COLUMN w BIGINT", "does not exist")]
    public async Task What_would_change_what_is_there_is_refused(string statement, string reason)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Source + "CREATE TABLE t AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;");

        var error = await Should.ThrowAsync<SqlException>(() => engine.RunAsync(statement));

        error.Message.ShouldContain(reason);
        engine.Engine.Queries.Single().Status.ShouldBe(QueryStatus.Running);
    }
}
