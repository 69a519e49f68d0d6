using Npgsql;
using StreamSQL.ClusterTests.Kafka;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests;

/// <summary>One server, two doors: what comes in through Kafka shows through Postgres, and the other way round.</summary>
public class DoorsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_record_from_kcat_shows_in_a_push_query()
    {
        await Kcat.RequireAsync();
        using var data = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);
        await using var connection = await ConnectAsync(server);
        await ExecuteAsync(connection, "CREATE STREAM orders (customer VARCHAR KEY, product VARCHAR, price DOUBLE) WITH (KAFKA_TOPIC = " +
            "'orders', PARTITIONS = 2, VALUE_FORMAT = 'JSON')");

        await ExecuteAsync(connection, "SET 'auto.offset.reset' = 'earliest'");
        await using var push = new NpgsqlCommand("SELECT customer, product, price FROM orders WHERE price > 2 EMIT CHANGES LIMIT 1",
            connection);
        using var timeout = new CancellationTokenSource(Patience);
        var started = push.ExecuteReaderAsync(timeout.Token); // ends when the first row comes
        await Kcat.RunAsync(server.Kafka.ToString(), "-P -t orders -K :",
            "ann:{\"PRODUCT\":\"tea\",\"PRICE\":1.5}\nbob:{\"product\":\"cake\",\"price\":3.25}\n");

        await using var reader = await started;
        (await reader.ReadAsync(timeout.Token)).ShouldBeTrue();
        (reader.GetString(0), reader.GetString(1), reader.GetDouble(2)).ShouldBe(("bob", "cake", 3.25));
    }

    [Fact]
    public async Task A_row_of_a_table_is_read_by_kcat_as_ksqlDBs_JSON()
    {
        await Kcat.RequireAsync();
        using var data = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);
        await using var connection = await ConnectAsync(server);
        await ExecuteAsync(connection, "CREATE STREAM orders (customer VARCHAR KEY, price DOUBLE, sold DATE) WITH (KAFKA_TOPIC = " +
            "'orders', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
        await ExecuteAsync(connection, "CREATE TABLE revenue AS SELECT customer, COUNT(*) AS orders, SUM(price) AS total, MAX(sold) AS " +
            "last FROM orders GROUP BY customer EMIT CHANGES");
        await ExecuteAsync(connection, "INSERT INTO orders VALUES ('ann', 10000000.0, '2001-02-14')");

        // -e would end at the present end of the topic: -c waits for the one record that the commit brings.
        var read = await Kcat.RunAsync(server.Kafka.ToString(), "-C -t REVENUE -o beginning -c 1 -f %k=%s");

        read.ShouldBe("ann={\"ORDERS\":1,\"TOTAL\":1.0E7,\"LAST\":11367}");
    }

    private static async Task<NpgsqlConnection> ConnectAsync(ServerProcess server)
    {
        var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }
}
