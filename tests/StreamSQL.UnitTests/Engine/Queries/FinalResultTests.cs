using System.Globalization;
using System.Text;
using StreamSQL.Engine;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>
/// EMIT FINAL under a small bound of open output: the windows that a jump of time closes come in several commits, each once.
/// </summary>
public class FinalResultTests
{
    private const int Windows = 3_000;
    private const string Setup = """
        CREATE STREAM orders (id VARCHAR KEY, amount INTEGER)
            WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE finals WITH (KAFKA_TOPIC = 'finals') AS SELECT id, COUNT(*) AS n FROM orders
            WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 DAY) GROUP BY id EMIT FINAL;
        """;

    private static readonly TopicPartition Finals = new("finals", 0);
    private static readonly EngineOptions Small = new() { MaxOpenOutputBytes = 1024 };

    [Fact]
    public async Task Output_in_several_commits_is_that_of_one()
    {
        await using var all = await EngineHarness.StartAsync();
        await using var bounded = await EngineHarness.StartAsync(options: Small);
        await FeedAsync(all);
        await FeedAsync(bounded);
        await all.CaughtUpAsync();
        await bounded.CaughtUpAsync();

        var expected = await ReadAsync(all);

        expected.Count.ShouldBe(Windows);
        (await ReadAsync(bounded)).ShouldBe(expected);
        (await CommitsAsync(bounded)).ShouldBeGreaterThan(await CommitsAsync(all) + 20);
    }

    [Fact]
    public async Task A_power_cut_between_the_commits_loses_and_repeats_nothing()
    {
        await using var all = await EngineHarness.StartAsync();
        await FeedAsync(all);
        await all.CaughtUpAsync();
        var before = await EngineHarness.StartAsync(options: Small);
        await FeedAsync(before);
        while ((await before.Broker.GetOffsetsAsync(Finals, default)).LastStable < Windows / 10)
            await Task.Yield();

        await using var after = await before.CrashAsync();
        await after.CaughtUpAsync();

        // It had something to commit, and nothing was left to be read.
        (await CommitsAsync(after)).ShouldBeGreaterThan(0);
        (await ReadAsync(after)).ShouldBe(await ReadAsync(all));
        await before.DisposeAsync();
    }

    private static async Task<long> CommitsAsync(EngineHarness engine)
    {
        var row = (await engine.RunAsync("DESCRIBE finals EXTENDED")).Single(
            static row => row.Contains("|commits|", StringComparison.Ordinal));
        return long.Parse(row[(row.LastIndexOf('|') + 1)..], CultureInfo.InvariantCulture);
    }

    private static async Task FeedAsync(EngineHarness engine)
    {
        await engine.RunAsync(Setup);
        await engine.ProduceAsync("orders", 1,
            Enumerable.Range(0, Windows).Select(static i => ($"k{i % 7}", """{"amount":1}""", i * 1000L)));
        await engine.ProduceAsync("orders", 1, [("k", """{"amount":1}""", 1_000_000_000L)]);
    }

    private static async Task<List<string>> ReadAsync(EngineHarness engine)
    {
        var end = (await engine.Broker.GetOffsetsAsync(Finals, default)).LastStable;
        await using var reader = new PartitionReader(engine.Broker, Finals, 0, withHeaders: false, static () => { });
        var records = new List<string>();
        while (reader.Position < end)
        {
            var run = await reader.ReadAsync(default);
            for (var i = 0; i < run.Count; i++)
                records.Add($"{Convert.ToHexString(run.Keys[i])} {Encoding.UTF8.GetString(run.Values[i])} @{run.Timestamps[i]}");
        }

        return records;
    }
}
