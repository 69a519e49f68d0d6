using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>Two engines on one broker, of which one was thought to be dead: only the newer one's commits count.</summary>
public class FencingTests
{
    private const int Rounds = 20;

    [Fact]
    public async Task What_an_older_owner_of_the_tasks_reads_on_is_never_committed()
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM s (id VARCHAR KEY, v INTEGER) WITH (KAFKA_TOPIC = 's', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            CREATE TABLE counts WITH (KAFKA_TOPIC = 'counts') AS SELECT id, COUNT(*) AS n FROM s GROUP BY id EMIT CHANGES;
            CREATE STREAM copies WITH (KAFKA_TOPIC = 'copies') AS SELECT id, v FROM s EMIT CHANGES;
            """);
        await ProduceAsync(engine, 0);
        await engine.CaughtUpAsync();

        await using var rival = await engine.StartRivalAsync();
        for (var round = 1; round < Rounds; round++)
            await ProduceAsync(engine, round);
        await engine.CaughtUpAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await rival.WaitUntilCaughtUpAsync(patience.Token);

        var counts = await OutputLog.ReadAsync(engine.Broker, "counts", windowBounds: 0);
        counts.All.GroupBy(static record => record.Key).Select(static records => $"{records.Key}={records.Last().Row(["N"])}").Order()
            .ShouldBe(["a=20", "b=20", "c=20", "d=20"]);
        var copies = await OutputLog.ReadAsync(engine.Broker, "copies", windowBounds: 0);
        copies.All.Select(static record => $"{record.Key}{record.Row(["V"])}").Order()
            .ShouldBe(from key in "abcd" from round in Enumerable.Range(0, Rounds) select $"{key}{round}" into row orderby row select row);
        engine.Engine.Queries.ShouldAllBe(static query => query.LastError != null);
        rival.Queries.ShouldAllBe(static query => query.LastError == null);
    }

    private static Task ProduceAsync(EngineHarness engine, int round) => engine.ProduceAsync(
        "s", partitions: 2, "abcd".Select((key, i) => ($"{key}", $$"""{"V":{{round}}}""", (1000L * round) + i)));
}
