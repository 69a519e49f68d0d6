using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests;

/// <summary>What was acknowledged is there after the process ended, however it ended.</summary>
public class RestartTests
{
    private const string Setup = """
        CREATE STREAM orders (customer VARCHAR KEY, product VARCHAR, price INTEGER) WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 3, VALUE_FORMAT = 'JSON');
        CREATE TABLE revenue AS SELECT customer, COUNT(*) AS orders, SUM(price) AS total FROM orders GROUP BY customer EMIT CHANGES;
        CREATE TABLE products AS SELECT product, COUNT(*) AS orders FROM orders GROUP BY product EMIT CHANGES;
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Topics_catalog_queries_and_tables_come_back(bool kill)
    {
        using var data = new TemporaryDirectory();
        using (var server = await ServerProcess.StartAsync(data.Path))
        {
            await server.ExecuteAsync(Setup);
            await InsertAsync(server, 1, 60);
            await server.EventuallyAsync("SELECT customer, orders, total FROM revenue ORDER BY customer", Expected(60));
            if (kill)
                server.Kill();
            else
                (await server.StopAsync()).ShouldBe(0);
        }

        using (var server = await ServerProcess.StartAsync(data.Path))
        {
            await server.EventuallyAsync("SELECT customer, orders, total FROM revenue ORDER BY customer", Expected(60));
            await InsertAsync(server, 61, 90);
            await server.EventuallyAsync("SELECT customer, orders, total FROM revenue ORDER BY customer", Expected(90));
            await server.EventuallyAsync("SELECT product, orders FROM products ORDER BY product", ["p0|45", "p1|45"]);
            (await server.ReadAsync("SELECT COUNT(*) FROM orders")).ShouldBe(["90"]);
        }
    }

    [Fact]
    public async Task A_data_directory_in_use_gives_one_clear_line()
    {
        using var data = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);

        var (exitCode, error) = await ServerProcess.RunAsync(
            "start", "--data-dir", data.Path, "--kafka", "127.0.0.1:0", "--postgres", "127.0.0.1:0", "--http", "127.0.0.1:0");

        exitCode.ShouldBe(1);
        error.Trim().Split('\n').Length.ShouldBe(1, error);
        error.ShouldContain(data.Path);
    }

    [Theory]
    [InlineData("--kafka")]
    [InlineData("--postgres")]
    [InlineData("--http")]
    public async Task A_port_in_use_gives_one_clear_line(string listener)
    {
        using var data = new TemporaryDirectory();
        using var other = new TemporaryDirectory();
        using var server = await ServerProcess.StartAsync(data.Path);
        var taken = server.Postgres.ToString();

        var (exitCode, error) = await ServerProcess.RunAsync(
            ["start", "--data-dir", other.Path,
                .. new[] { "--kafka", "--postgres",
                    "--http" }.SelectMany(option => new[] { option, option == listener ? taken : "127.0.0.1:0" })]);

        exitCode.ShouldBe(1);
        error.Trim().Split('\n').Length.ShouldBe(1, error);
        error.ShouldContain(taken);
    }

    private static string[] Expected(int orders) => Enumerable.Range(1, orders)
        .GroupBy(static i => $"c{i % 7}")
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => $"{group.Key}|{group.Count()}|{group.Sum()}")
        .ToArray();

    private static async Task InsertAsync(ServerProcess server, int from, int to)
    {
        await using var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync();
        for (var i = from; i <= to; i++)
            await ServerSql.ExecuteAsync(connection, $"INSERT INTO orders VALUES ('c{i % 7}', 'p{i % 2}', {i})");
    }
}
