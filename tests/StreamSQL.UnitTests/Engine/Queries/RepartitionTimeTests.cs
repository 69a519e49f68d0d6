using System.Globalization;
using System.Text;
using StreamSQL.Kafka.Records;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>What comes out behind a repartition may not depend on how the input was spread, read or interrupted.</summary>
public class RepartitionTimeTests
{
    private const int Events = 3000;
    private const long MinuteMs = 60_000;

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(7, false)]
    [InlineData(4, true)]
    public async Task Windows_count_every_event_of_ordered_partitions(int partitions, bool pauseBetweenPartitions)
    {
        var events = MakeEvents();
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync($"""
            CREATE STREAM events (source VARCHAR KEY, target VARCHAR)
                WITH (KAFKA_TOPIC = 'events', PARTITIONS = {partitions}, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE counts AS SELECT target, COUNT(*) AS n FROM events
                WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 365 DAYS, GRACE PERIOD 0 SECONDS) GROUP BY target EMIT CHANGES;
            """);
        var chunks = pauseBetweenPartitions
            ? events.GroupBy(e => KeyPartitioner.PartitionOf(Encoding.UTF8.GetBytes(e.Key), partitions))
                .Select(static group => group.ToArray())
            : events.Chunk(500);
        foreach (var chunk in chunks)
        {
            await engine.ProduceAsync("events", partitions, chunk);
            if (pauseBetweenPartitions)
                await engine.CaughtUpAsync();
        }

        await engine.CaughtUpAsync();
        var rows = await engine.RunAsync("SELECT target, windowstart, n FROM counts");

        rows.Order(StringComparer.Ordinal).ShouldBe(Expected(events));
        engine.Engine.Queries.Single().LateRows.ShouldBe(0);
    }

    [Fact]
    public async Task A_row_beyond_the_grace_is_counted_as_late()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM events (source VARCHAR KEY, target VARCHAR)
                WITH (KAFKA_TOPIC = 'events', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE counts AS SELECT target, COUNT(*) AS n FROM events
                WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 365 DAYS, GRACE PERIOD 0 SECONDS) GROUP BY target EMIT CHANGES;
            """);
        await engine.ProduceAsync("events", 1, [("a", """{"TARGET":"x"}""", 10 * MinuteMs)]);
        await engine.CaughtUpAsync();
        await engine.ProduceAsync("events", 1, [("a", """{"TARGET":"x"}""", MinuteMs)]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT windowstart, n FROM counts")).ShouldBe([$"{10 * MinuteMs}|1"]);
        engine.Engine.Queries.Single().LateRows.ShouldBe(1);
    }

    [Fact]
    public async Task A_final_result_comes_once_when_its_window_has_closed()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM events (source VARCHAR KEY, target VARCHAR)
                WITH (KAFKA_TOPIC = 'events', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE finals AS SELECT target, COUNT(*) AS n FROM events
                WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 0 SECONDS) GROUP BY target EMIT FINAL;
            """);
        await engine.ProduceAsync("events", 2,
            [("a", """{"TARGET":"x"}""", 1000), ("b", """{"TARGET":"x"}""", 2000), ("c", """{"TARGET":"x"}""", 3000)]);
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT n FROM finals")).ShouldBeEmpty();

        await engine.ProduceAsync("events", 2, "abcdef".Select(static key => ($"{key}", """{"TARGET":"y"}""", MinuteMs)));
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT target, windowstart, n FROM finals")).ShouldBe(["x|0|3"]);
    }

    [Fact]
    public async Task A_partition_that_is_read_to_its_end_holds_no_final_result_back()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM events (source VARCHAR KEY, target VARCHAR)
                WITH (KAFKA_TOPIC = 'events', PARTITIONS = 2, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
            CREATE TABLE finals AS SELECT target, COUNT(*) AS n FROM events
                WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 0 SECONDS) GROUP BY target EMIT FINAL;
            """);
        await engine.ProduceAsync("events", 2, "abcdef".Select(static key => ($"{key}", """{"TARGET":"x"}""", 1000L)));
        await engine.CaughtUpAsync();

        await engine.ProduceAsync("events", 2, [("a", """{"TARGET":"y"}""", MinuteMs)]);
        await engine.CaughtUpAsync();

        (await engine.RunAsync("SELECT target, windowstart, n FROM finals")).ShouldBe(["x|0|6"]);
    }

    private static List<(string Key, string Value, long Time)> MakeEvents()
    {
        var random = new Random(7);
        var time = 0L;
        var events = new List<(string, string, long)>();
        for (var i = 0; i < Events; i++)
        {
            time += random.Next(1000);
            events.Add(($"s{random.Next(20)}", $$"""{"TARGET":"t{{random.Next(9)}}"}""", time));
        }

        return events;
    }

    private static IEnumerable<string> Expected(List<(string Key, string Value, long Time)> events) =>
        events.GroupBy(static e => (Target: e.Value.Split('"')[3], Start: e.Time - (e.Time % MinuteMs)))
            .Select(static group => string.Create(CultureInfo.InvariantCulture, $"{group.Key.Target}|{group.Key.Start}|{group.Count()}"))
            .Order(StringComparer.Ordinal);
}
