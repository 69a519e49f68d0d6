using StreamSQL.Engine;
using StreamSQL.Engine.Queries;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

public class TaskFailureTests
{
    [Fact]
    public async Task A_query_over_its_budget_stops_alone_and_keeps_its_last_commit()
    {
        await using var engine = await EngineHarness.StartAsync(
            options: new EngineOptions { QueryMemoryLimitBytes = 200_000, Restarts = QueryRestartOptions.Never });
        await engine.RunAsync("""
            CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;
            CREATE STREAM copy AS SELECT * FROM s EMIT CHANGES;
            INSERT INTO s (k, v) VALUES ('a', 1);
            """);
        await engine.CaughtUpAsync();
        await engine.ProduceAsync("s", 1, Enumerable.Range(0, 20_000).Select(static i => ($"key{i}", """{"V":1}""", 1L)));
        await engine.CaughtUpAsync();

        var status = engine.Engine.Queries.ToDictionary(static query => query.Sink);
        status["COUNTS"].Status.ShouldBe(QueryStatus.Error);
        status["COUNTS"].LastError!.ShouldContain("budget");
        status["COPY"].Status.ShouldBe(QueryStatus.Running);
        status["COPY"].RowsOut.ShouldBe(20_001);
        (await engine.RunAsync("SELECT k, n FROM counts WHERE k = 'a'")).ShouldBe(["a|1"]);
    }

    [Fact]
    public async Task A_query_that_takes_an_old_name_begins_anew()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM s (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE STREAM copy (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 'copy', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            INSERT INTO copy WITH (QUERY_ID = 'copying') SELECT * FROM s EMIT CHANGES;
            INSERT INTO s (k, v) VALUES ('a', 1), ('b', 2);
            """);
        await engine.CaughtUpAsync();
        await engine.RunAsync("TERMINATE copying; INSERT INTO copy WITH (QUERY_ID = 'copying') SELECT * FROM s EMIT CHANGES;");
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT k FROM copy")).Order().ShouldBe(["a", "a", "b", "b"]);
    }
}
