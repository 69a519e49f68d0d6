using System.Globalization;
using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests;

/// <summary>An engine without a broker of its own, on another server's broker over TCP.</summary>
public sealed class KafkaBootstrapTests : IAsyncLifetime
{
    private const int Rows = 3000;
    private const int RowsPerInsert = 100;
    private readonly TemporaryDirectory _brokerData = new();
    private readonly TemporaryDirectory _engineData = new();
    private ServerProcess _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await ServerProcess.StartBrokerAsync(_brokerData.Path);

    public ValueTask DisposeAsync()
    {
        _broker.Dispose();
        _brokerData.Dispose();
        _engineData.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Its_catalog_and_tables_live_in_the_cluster_and_come_back()
    {
        using (var engine = await StartEngineAsync())
        {
            engine.Kafka.ShouldBe(_broker.Kafka); // it has no Kafka listener; clients are sent to the cluster
            await engine.ExecuteAsync("""
                CREATE STREAM orders (customer VARCHAR KEY, price INTEGER) WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 3, VALUE_FORMAT = 'JSON');
                CREATE TABLE revenue AS SELECT customer, SUM(price) AS total FROM orders GROUP BY customer EMIT CHANGES;
                INSERT INTO orders VALUES ('a', 1);
                INSERT INTO orders VALUES ('b', 2);
                INSERT INTO orders VALUES ('a', 3);
                """);
            await engine.EventuallyAsync("SELECT customer, total FROM revenue ORDER BY customer", ["a|4", "b|2"]);
            (await engine.StopAsync()).ShouldBe(0);
        }

        Directory.Exists(Path.Combine(_engineData.Path, "topics")).ShouldBeFalse();
        using (var engine = await StartEngineAsync())
        {
            await engine.EventuallyAsync("SELECT customer, total FROM revenue ORDER BY customer", ["a|4", "b|2"]);
            await engine.ExecuteAsync("INSERT INTO orders VALUES ('b', 5)");
            await engine.EventuallyAsync("SELECT customer, total FROM revenue ORDER BY customer", ["a|4", "b|7"]);
        }
    }

    [Fact]
    public async Task Every_record_counts_once_although_the_engine_is_killed_again_and_again()
    {
        using (var engine = await StartEngineAsync())
        {
            await engine.ExecuteAsync(
                "CREATE STREAM orders (customer VARCHAR KEY, price INTEGER) WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 3, VALUE_FORMAT = " +
                    "'JSON')");
            await engine.ExecuteAsync("""
                CREATE STREAM copies AS SELECT customer, price FROM orders EMIT CHANGES;
                CREATE TABLE totals AS SELECT price % 5 AS class, COUNT(*) AS orders, SUM(price) AS total FROM orders GROUP BY price % 5 EMIT CHANGES;
                """);
        }

        for (var from = 0; from < Rows;)
        {
            using var engine = await StartEngineAsync();
            await using var connection = new NpgsqlConnection(engine.PostgresConnection);
            await connection.OpenAsync();
            for (var insert = 0; insert < 10 && from < Rows; insert++, from += RowsPerInsert)
            {
                var values = Enumerable.Range(from, RowsPerInsert)
                    .Select(i => string.Create(CultureInfo.InvariantCulture, $"('c{i % 7}', {i})"));
                await ServerSql.ExecuteAsync(connection, $"INSERT INTO orders VALUES {string.Join(", ", values)}");
            }

            engine.Kill(); // while the queries work on what was written
        }

        using var last = await StartEngineAsync();
        var expected = Enumerable.Range(0, 5).Select(c => string.Create(
            CultureInfo.InvariantCulture, $"{c}|{Rows / 5}|{Enumerable.Range(0, Rows).Where(i => i % 5 == c).Sum()}")).ToArray();
        await last.EventuallyAsync("SELECT class, orders, total FROM totals ORDER BY class", expected);
        await last.EventuallyAsync("SELECT COUNT(*), COUNT(DISTINCT price), SUM(price) FROM copies",
            [$"{Rows}|{Rows}|{Rows * (Rows - 1) / 2}"]);
    }

    private Task<ServerProcess> StartEngineAsync() => ServerProcess.StartOnClusterAsync(_engineData.Path, _broker.Kafka);
}
