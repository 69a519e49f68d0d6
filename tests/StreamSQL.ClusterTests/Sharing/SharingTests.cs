using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Sharing;

/// <summary>Two engines on one broker, as processes, each of which runs a share of every query.</summary>
public sealed class SharingTests : IAsyncLifetime
{
    private const string Totals = "CTAS_TOTALS_2";
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
    public async Task Each_runs_a_share_and_takes_the_others_when_that_one_is_killed_and_every_row_counts_once()
    {
        using var pair = await SharingPair.StartAsync(_broker.Kafka);
        await DefineAsync(pair[0]);
        await WhenSharedAsync(pair);
        await InsertAsync(pair[0], 0);
        await InsertAsync(pair[1], 1);
        await ShouldHaveAsync(pair, rounds: 2);

        foreach (var killed in new[] { 1, 0 })
        {
            pair.Kill(killed);
            await InsertAsync(pair[1 - killed], 2 + killed);
            await pair.WhenRunningAsync(1 - killed, Totals, tasks: 4);
            await pair.StartAsync(killed);
            await WhenSharedAsync(pair);
        }

        await InsertAsync(pair[0], 4);
        await ShouldHaveAsync(pair, rounds: 5);
    }

    [Fact]
    public async Task One_that_stood_still_while_the_other_took_its_share_writes_nothing_and_gets_a_share_again()
    {
        using var pair = await SharingPair.StartAsync(_broker.Kafka);
        await DefineAsync(pair[0]);
        await WhenSharedAsync(pair);
        await InsertAsync(pair[0], 0);
        await ShouldHaveAsync(pair, rounds: 1);

        await pair[1].SuspendAsync();
        await InsertAsync(pair[0], 1);
        await pair.WhenRunningAsync(0, Totals, tasks: 4);
        await InsertAsync(pair[0], 2);
        await pair[1].ResumeAsync();
        await WhenSharedAsync(pair);
        await InsertAsync(pair[1], 3);
        await ShouldHaveAsync(pair, rounds: 4);
    }

    [Fact]
    public async Task One_changes_the_definitions_and_the_other_follows_and_takes_over_when_that_one_stands_still()
    {
        using var pair = await SharingPair.StartAsync(_broker.Kafka);
        await DefineAsync(pair[0]);
        await WhenSharedAsync(pair);
        var refused = await Should.ThrowAsync<PostgresException>(() => pair[1].ExecuteAsync("DROP TABLE totals"));
        refused.SqlState.ShouldBe(PostgresErrorCodes.ReadOnlySqlTransaction);
        refused.Hint.ShouldNotBeNull().ShouldContain(pair[0].Postgres.ToString());

        await pair[0].ExecuteAsync("DROP TABLE totals");
        await pair[1].EventuallyAsync("SELECT id FROM streamsql.queries ORDER BY id", ["CSAS_COPIES_1"]);
        await pair[0].ExecuteAsync($"""
            CREATE TABLE totals WITH (QUERY_ID = '{Totals}') AS
                SELECT customer, COUNT(*) AS n, SUM(price) AS total FROM orders GROUP BY customer
            """);
        await InsertAsync(pair[1], 0);
        await WhenSharedAsync(pair);
        await ShouldHaveAsync(pair, rounds: 1);

        await pair[0].SuspendAsync();
        var leader = await LeaderOfAsync(pair, 1);
        await leader.ExecuteAsync("CREATE STREAM more AS SELECT customer, price + 1 AS price FROM orders EMIT CHANGES");
        await InsertAsync(pair[1], 1);
        await pair[0].ResumeAsync();
        (await pair[0].WhenEndedAsync()).ShouldBe(DeposedExitCode);
        await pair.RestartIfEndedAsync(0);
        await WhenSharedAsync(pair);
        await ShouldHaveAsync(pair, rounds: 2);
        await pair[0].EventuallyAsync("SELECT COUNT(*) FROM more", ["8"]);
    }

    private static async Task<ServerProcess> LeaderOfAsync(SharingPair pair, int index)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await pair[index].ExecuteAsync("DROP VIEW IF EXISTS not_there");
                return pair[index];
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction && attempt < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task WhenSharedAsync(SharingPair pair)
    {
        await pair.WhenRunningAsync(0, Totals, tasks: 2);
        await pair.WhenRunningAsync(1, Totals, tasks: 2);
    }

    private static Task DefineAsync(ServerProcess engine) => engine.ExecuteAsync("""
        CREATE STREAM orders (customer VARCHAR KEY, price INTEGER) WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 4, VALUE_FORMAT = 'JSON');
        CREATE STREAM copies AS SELECT customer, price FROM orders EMIT CHANGES;
        CREATE TABLE totals AS SELECT customer, COUNT(*) AS n, SUM(price) AS total FROM orders GROUP BY customer EMIT CHANGES;
        """);

    private static Task InsertAsync(ServerProcess engine, int round) =>
        engine.ExecuteAsync($"INSERT INTO orders VALUES ('a', {round}), ('b', {10 * round}), ('c', {round + 1}), ('a', 7)");

    private static async Task ShouldHaveAsync(SharingPair pair, int rounds)
    {
        var sum = Enumerable.Range(0, rounds).Sum();
        for (var engine = 0; engine < 2; engine++)
        {
            await pair[engine].EventuallyAsync(
                "SELECT customer, n, total FROM totals ORDER BY customer",
                [$"a|{2 * rounds}|{sum + (7 * rounds)}", $"b|{rounds}|{10 * sum}", $"c|{rounds}|{sum + rounds}"]);
            await pair[engine].EventuallyAsync("SELECT COUNT(*), SUM(price) FROM copies", [$"{4 * rounds}|{(12 * sum) + (8 * rounds)}"]);
        }
    }
}
