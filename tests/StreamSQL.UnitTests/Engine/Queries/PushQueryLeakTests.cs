using StreamSQL.Engine.Sessions;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>
/// Push queries that are cancelled leave nothing behind: no memory, no reader that still waits for the broker, no charge on the budget.
/// </summary>
[Collection(nameof(MeasuredAlone))]
public sealed class PushQueryLeakTests
{
    private const int Warmup = 300;
    private const int Queries = 1000;
    private const long MostBytesPerQuery = 512;

    [Theory]
    [InlineData("SELECT * FROM readings EMIT CHANGES")]
    [InlineData("SELECT sensor, value FROM readings WHERE value > 2 EMIT CHANGES WITH (PROGRESS = '1h')")]
    [InlineData("SELECT value, COUNT(*) FROM readings GROUP BY value EMIT CHANGES")]
    [InlineData("SELECT sensor, total FROM totals WHERE total > 0 EMIT CHANGES WITH (SNAPSHOT = TRUE)")]
    public async Task Nothing_is_left_of_cancelled_queries(string sql)
    {
        await using var engine = await EngineHarness.StartAsync();
        await engine.RunAsync("""
            CREATE STREAM readings (sensor VARCHAR KEY, value INTEGER) WITH (KAFKA_TOPIC = 'readings', PARTITIONS = 3, VALUE_FORMAT = 'JSON');
            CREATE TABLE totals (sensor VARCHAR PRIMARY KEY, total INTEGER) WITH (KAFKA_TOPIC = 'totals', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            INSERT INTO totals (sensor, total) VALUES ('a', 1), ('b', 2);
            """);
        await CancelAsync(engine, sql, Warmup);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await CancelAsync(engine, sql, Queries);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        ((after - before) / Queries).ShouldBeLessThan(MostBytesPerQuery);
    }

    private static async Task CancelAsync(EngineHarness engine, string sql, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await using var push = await engine.OpenAsync(sql);
            using var cancel = new CancellationTokenSource();
            var read = ReadToEndAsync(push, cancel.Token);
            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => read);
        }
    }

    private static async Task ReadToEndAsync(StatementResult push, CancellationToken cancellation)
    {
        while (await push.ReadAsync(cancellation) is not null)
        {
            // The rows themselves are of no interest here.
        }
    }
}
