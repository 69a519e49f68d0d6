using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

public class PushQueryTests
{
    private const string Readings = """
        CREATE STREAM readings (sensor VARCHAR KEY, value INTEGER)
        WITH (KAFKA_TOPIC = 'readings', PARTITIONS = 3, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        """;

    [Fact]
    public async Task It_gives_rows_as_they_come()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Readings + "INSERT INTO readings (sensor, value) VALUES ('old', 1);");
        await using var push = await engine.OpenAsync("SELECT sensor, value * 2 AS twice FROM readings WHERE value > 1 EMIT CHANGES");
        push.IsContinuous.ShouldBeTrue();

        var writer = engine.Engine.CreateSession("writer", "streamsql");
        await EngineHarness.RunAsync(writer, "INSERT INTO readings (sensor, value) VALUES ('a', 5), ('b', 1);");
        (await EngineHarness.TakeAsync(push, 1)).ShouldBe(["a|10"]);
        await EngineHarness.RunAsync(writer, "INSERT INTO readings (sensor, value) VALUES ('c', 7);");
        (await EngineHarness.TakeAsync(push, 1)).ShouldBe(["c|14"]);
    }

    [Fact]
    public async Task A_limit_ends_it()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            Readings + "INSERT INTO readings (sensor, value) VALUES ('a', 1), ('b', 2), ('c', 3); SET 'auto.offset.reset' = 'earliest';");

        (await engine.RunAsync("SELECT value FROM readings EMIT CHANGES LIMIT 2")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("false", "latest", "null|1")]
    [InlineData("true", "earliest", "null|1")]
    [InlineData("true", "latest", "a|2")]
    public async Task Under_compatibility_the_latest_rows_of_a_result_all_have_keys(string compat, string reset, string first)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync($"""
            CREATE STREAM r (k VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 'r', PARTITIONS = 1, VALUE_FORMAT = 'JSON');
            CREATE STREAM copy AS SELECT * FROM r;
            SET 'ksql.compat' = '{compat}';
            SET 'auto.offset.reset' = '{reset}';
            """);
        await using var push = await engine.OpenAsync("SELECT k, v FROM copy EMIT CHANGES");

        await engine.RunAsync("INSERT INTO r (v) VALUES (1); INSERT INTO r (k, v) VALUES ('a', 2)");

        (await EngineHarness.TakeAsync(push, 1))[0].ShouldBe(first);
    }

    [Fact]
    public async Task It_aggregates_over_all_partitions()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Readings + """
            INSERT INTO readings (sensor, value) VALUES ('a', 1), ('b', 2), ('c', 3);
            INSERT INTO readings (sensor, value) VALUES ('a', 10);
            SET 'auto.offset.reset' = 'earliest';
            """);
        await using var push = await engine.OpenAsync(
            "SELECT value > 2 AS large, COUNT(*) AS n FROM readings GROUP BY value > 2 EMIT CHANGES");

        var rows = await EngineHarness.TakeAsync(push, 2);

        rows.ShouldContain(static row => row.StartsWith("f|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_gives_its_committed_changes()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(
            Readings + "CREATE TABLE sums AS SELECT sensor, SUM(value) AS total FROM readings GROUP BY sensor EMIT CHANGES;");
        await using var push = await engine.OpenAsync("SELECT sensor, total FROM sums EMIT CHANGES");
        await engine.RunAsync("INSERT INTO readings (sensor, value) VALUES ('a', 5)");
        (await EngineHarness.TakeAsync(push, 1)).ShouldBe(["a|5"]);
        await engine.RunAsync("INSERT INTO readings (sensor, value) VALUES ('a', 6)");
        (await EngineHarness.TakeAsync(push, 1)).ShouldBe(["a|11"]);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Readings);
        await using var push = await engine.OpenAsync("SELECT * FROM readings EMIT CHANGES");
        using var cancel = new CancellationTokenSource();
        var read = push.ReadAsync(cancel.Token).AsTask();
        read.IsCompleted.ShouldBeFalse();

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => read);
    }
}
