using StreamSQL.Engine;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>What lies between two stages of a query: little that is unread, and nothing for long that has been read.</summary>
public class RepartitionBoundTests
{
    private const int Rows = 60_000;
    private const int RowsOfABatch = 2_000;
    private const string Statements = """
        CREATE STREAM s (k VARCHAR KEY, g VARCHAR) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON');
        CREATE TABLE groups AS SELECT g, COUNT(*) AS n FROM s GROUP BY g EMIT CHANGES;
        """;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_was_read_is_purged()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync(Statements);
        await ProduceAsync(engine);
        await engine.CaughtUpAsync();

        var between = await BetweenAsync(engine);
        await Eventually(async () =>
        {
            var offsets = await engine.Broker.GetOffsetsAsync(between, CancellationToken.None);
            return offsets.HighWatermark >= Rows && offsets.HighWatermark - offsets.LogStart < Rows / 2;
        });
        (await engine.RunAsync("SELECT SUM(n) FROM groups")).ShouldBe([$"{Rows}"]);
    }

    [Fact]
    public async Task The_stage_before_waits_while_the_one_behind_does_not_read()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new EngineOptions { MaxUnreadBytes = 20_000, MaxOpenOutputBytes = 20_000 };
        Task Before(string topic, CancellationToken cancellation) =>
            IsBetween(topic) ? gate.Task.WaitAsync(cancellation) : Task.CompletedTask;
        await using var engine = await EngineHarness.StartAsync(options: options, through: broker => new SlowBroker(broker, Before));
        await engine.RunAsync(Statements);
        await ProduceAsync(engine);
        await Eventually(() => Task.FromResult(engine.Engine.Queries.ShouldHaveSingleItem().RowsIn >= RowsOfABatch));

        // Time in which it would go on if it did not wait.
        await Task.Delay(300, TestContext.Current.CancellationToken);
        var unread = await engine.Broker.GetOffsetsAsync(await BetweenAsync(engine), CancellationToken.None);
        unread.HighWatermark.ShouldBeLessThan(Rows / 2);

        gate.SetResult();
        await engine.CaughtUpAsync();
        (await engine.RunAsync("SELECT SUM(n) FROM groups")).ShouldBe([$"{Rows}"]);
    }

    private static async Task ProduceAsync(EngineHarness engine)
    {
        for (var from = 0; from < Rows; from += RowsOfABatch)
        {
            await engine.ProduceAsync(
                "s", 1, Enumerable.Range(from, RowsOfABatch).Select(static i => ("k", $$"""{"G":"group {{i % 7}}"}""", (long)i)));
        }
    }

    private static async Task<TopicPartition> BetweenAsync(EngineHarness engine)
    {
        var topics = await engine.Broker.GetTopicsAsync(null, CancellationToken.None);
        return new TopicPartition(topics.Single(static topic => IsBetween(topic.Name)).Name, 0);
    }

    private static bool IsBetween(string topic) => topic.EndsWith("-repartition", StringComparison.Ordinal);

    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (!await isSo())
            await Task.Delay(5, patience.Token);
    }
}
