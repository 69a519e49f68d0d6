using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests;

/// <summary>Rows that clients bring by COPY ... FROM STDIN.</summary>
public class CopyTests
{
    [Fact]
    public async Task Text_and_binary_rows_reach_the_queries()
    {
        using var data = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);
        await using var connection = await ConnectAsync(server);
        await ExecuteAsync(connection, "CREATE STREAM orders (customer VARCHAR KEY, price DOUBLE, lines ARRAY<STRUCT<sku VARCHAR>>) WITH " +
            "(KAFKA_TOPIC = 'orders', PARTITIONS = 3, VALUE_FORMAT = 'JSON')");
        await ExecuteAsync(connection,
            "CREATE TABLE revenue AS SELECT customer, COUNT(*) AS n, SUM(price) AS total FROM orders GROUP BY customer EMIT CHANGES");

        await using (var text = await connection.BeginTextImportAsync("COPY orders (customer, price, lines) FROM STDIN (FORMAT csv)"))
        {
            for (var i = 0; i < 5000; i++)
                await text.WriteAsync($"c{i % 10},{i % 4}.5,\"[{{\"\"SKU\"\":\"\"s{i}\"\"}}]\"\n");
        }

        await using (var binary = await connection.BeginBinaryImportAsync(
            "COPY orders (customer, price, rowtime) FROM STDIN (FORMAT binary)"))
        {
            for (var i = 0; i < 5000; i++)
            {
                await binary.StartRowAsync();
                await binary.WriteAsync($"c{i % 10}", NpgsqlDbType.Text);
                await binary.WriteAsync(1.0, NpgsqlDbType.Double);
                await binary.WriteAsync(1000L, NpgsqlDbType.Bigint);
            }

            (await binary.CompleteAsync()).ShouldBe(5000ul);
        }

        (await NumberAsync(connection, "SELECT SUM(n) FROM revenue")).ShouldBe(10_000);
        (await NumberAsync(connection, "SELECT total FROM revenue WHERE customer = 'c0'")).ShouldBe(
            (500 * 1.0) + (250 * 0.5) + (250 * 2.5));
        (await NumberAsync(connection, "SELECT COUNT(*) FROM orders WHERE rowtime = 1000")).ShouldBe(5000);
        (await NumberAsync(connection, "SELECT COUNT(*) FROM orders WHERE lines[1]->sku = 's4999'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_bad_row_ends_the_copy_and_leaves_the_connection_usable()
    {
        using var data = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);
        await using var connection = await ConnectAsync(server);
        await ExecuteAsync(connection, "CREATE TABLE cities (id BIGINT PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC = 'cities', " +
            "PARTITIONS = 1, VALUE_FORMAT = 'JSON')");

        var error = await Should.ThrowAsync<PostgresException>(async () =>
        {
            await using var text = await connection.BeginTextImportAsync("COPY cities FROM STDIN");
            await text.WriteAsync("1\tUlm\n2\tBonn\nthree\tKiel\n");
        });
        (error.SqlState, error.Where).ShouldBe((PostgresErrorCodes.InvalidTextRepresentation, "COPY CITIES, line 3, column ID"));
        (await NumberAsync(connection, "SELECT COUNT(*) FROM cities")).ShouldBe(0);

        var missing = await Should.ThrowAsync<PostgresException>(() => connection.BeginTextImportAsync("COPY cities (name) FROM STDIN"));
        missing.SqlState.ShouldBe(PostgresErrorCodes.NotNullViolation);

        await using (var given = await connection.BeginRawBinaryCopyAsync("COPY cities FROM STDIN (FORMAT binary)"))
            await given.CancelAsync();
        (await NumberAsync(connection, "SELECT COUNT(*) FROM cities")).ShouldBe(0);

        await using (var text = await connection.BeginTextImportAsync("COPY cities FROM STDIN"))
            await text.WriteAsync("1\tUlm\n2\tBonn\n1\tKiel\n");
        (await NumberAsync(connection, "SELECT COUNT(*) FROM cities")).ShouldBe(2);
        (await NumberAsync(connection, "SELECT COUNT(*) FROM cities WHERE id = 1 AND name = 'Kiel'")).ShouldBe(1);
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

    private static async Task<double> NumberAsync(NpgsqlConnection connection, string query)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
