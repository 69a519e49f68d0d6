using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Standby;

/// <summary>
/// Two engines on one broker, as processes: one runs all queries, the other says where it is and takes over when it dies.
/// </summary>
public sealed class StandbyTests : IAsyncLifetime
{
    private const int DeposedExitCode = 3;
    private readonly TemporaryDirectory _brokerData = new();
    private ServerProcess _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await ServerProcess.StartBrokerAsync(_brokerData.Path);

    public ValueTask DisposeAsync()
    {
        _broker.Dispose();
        _brokerData.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Whichever_is_killed_the_other_takes_over_and_every_row_counts_once()
    {
        using var pair = await EnginePair.StartAsync(_broker.Kafka);
        pair.Other.StartedAsStandby.ShouldBeTrue();
        await DefineAsync(pair.Active);
        await ShouldPointAtAsync(pair.Other, pair.Active);
        await ShouldPointAtAsync(_broker, pair.Active);
        var first = pair.Active.Id;

        await InsertAsync(pair.Active, 0);
        await pair.KillActiveAsync();
        await ShouldPointAtAsync(pair.Other, pair.Active);
        await InsertAsync(pair.Active, 1);
        await pair.KillOtherAsync();
        await InsertAsync(pair.Active, 2);
        await pair.KillActiveAsync();
        await InsertAsync(pair.Active, 3);

        pair.Active.Id.ShouldNotBe(first);
        await ShouldHaveAsync(pair.Active, rounds: 4);
    }

    [Fact]
    public async Task One_that_stood_still_while_the_other_took_over_writes_nothing_more_and_ends()
    {
        using var pair = await EnginePair.StartAsync(_broker.Kafka);
        await DefineAsync(pair.Active);
        await InsertAsync(pair.Active, 0);

        (await pair.SuspendActiveAsync()).ShouldBe(DeposedExitCode);

        await InsertAsync(pair.Active, 1);
        await ShouldPointAtAsync(pair.Other, pair.Active);
        await ShouldHaveAsync(pair.Active, rounds: 2);
    }

    [Fact]
    public async Task One_that_is_stopped_hands_over_without_a_wait_and_one_that_is_started_again_goes_on_at_once()
    {
        const int Long = 300;
        using var data = new TemporaryDirectory();
        using var otherData = new TemporaryDirectory();
        using var one = await ServerProcess.StartSharingAsync(data.Path, _broker.Kafka, Long);
        using var other = await ServerProcess.StartSharingAsync(otherData.Path, _broker.Kafka, Long);
        await DefineAsync(one);
        await InsertAsync(one, 0);

        (await one.StopAsync()).ShouldBe(0);
        await other.WhenAnsweringAsync(TimeSpan.FromSeconds(30));
        await InsertAsync(other, 1);
        other.Kill();

        using var again = await ServerProcess.StartSharingAsync(otherData.Path, _broker.Kafka, Long);
        again.StartedAsStandby.ShouldBeFalse();
        await ShouldHaveAsync(again, rounds: 2);
    }

    private static Task DefineAsync(ServerProcess engine) => engine.ExecuteAsync("""
        CREATE STREAM orders (customer VARCHAR KEY, price INTEGER) WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 3, VALUE_FORMAT = 'JSON');
        CREATE STREAM copies AS SELECT customer, price FROM orders EMIT CHANGES;
        CREATE TABLE totals AS SELECT customer, COUNT(*) AS n, SUM(price) AS total FROM orders GROUP BY customer EMIT CHANGES;
        """);

    private static Task InsertAsync(ServerProcess engine, int round) =>
        engine.ExecuteAsync($"INSERT INTO orders VALUES ('a', {round}), ('b', {10 * round}), ('c', {round + 1}), ('a', 7)");

    private static async Task ShouldHaveAsync(ServerProcess engine, int rounds)
    {
        var sum = Enumerable.Range(0, rounds).Sum();
        await engine.EventuallyAsync(
            "SELECT customer, n, total FROM totals ORDER BY customer",
            [$"a|{2 * rounds}|{sum + (7 * rounds)}", $"b|{rounds}|{10 * sum}", $"c|{rounds}|{sum + rounds}"]);
        await engine.EventuallyAsync("SELECT COUNT(*), SUM(price) FROM copies", [$"{4 * rounds}|{(12 * sum) + (8 * rounds)}"]);
    }

    private static async Task ShouldPointAtAsync(ServerProcess server, ServerProcess active)
    {
        var refused = await Should.ThrowAsync<PostgresException>(() => server.ReadAsync("SELECT 1"));
        refused.SqlState.ShouldBe(PostgresErrorCodes.CannotConnectNow);
        refused.MessageText.ShouldContain(active.Postgres.ToString());
    }
}
