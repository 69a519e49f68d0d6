using System.Globalization;
using StreamSQL.ClusterTests.Postgres.Protocol;

namespace StreamSQL.ClusterTests.Postgres.Tools;

/// <summary>
/// Statements like those of pgAdmin, DBeaver, DataGrip, Grafana, Metabase, Superset, SQLAlchemy, Django, Prisma, Drizzle, TypeORM,
/// Hasura, Tableau and Power BI are
/// answered with the columns that PostgreSQL 15 answers, and with rows where it has some; where not, the file says so beside it, and why.
/// </summary>
public sealed class ToolTests(ToolServer server) : IClassFixture<ToolServer>
{
    public static TheoryData<string> Names => [.. ToolStatement.ReadAll().Select(static known => known.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answers_as_postgres(string name)
    {
        var known = ToolStatement.ReadAll().Single(one => one.Name == name);
        using var connection = await server.ConnectAsync();
        ToolStatement.Summarize(await connection.ExchangeAsync("Q " + known.Sql)).ShouldBe(known.Ours ?? known.Postgres);
    }

    [Fact]
    public void Each_difference_has_a_reason() => ToolStatement.ReadAll().Where(static known => known.Ours is not null)
        .ShouldAllBe(static known => known.Reason != null && known.Ours != known.Postgres);
}

/// <summary>A server with a stream, a table and a materialized table to look at.</summary>
public sealed class ToolServer : IAsyncLifetime
{
    private static readonly string[] Setup =
    [
        "CREATE STREAM orders (id BIGINT KEY, product VARCHAR, price DOUBLE, at TIMESTAMP) WITH (KAFKA_TOPIC = 'orders', PARTITIONS = 1, " +
            "VALUE_FORMAT = 'JSON')",
        "CREATE TABLE customers (id BIGINT PRIMARY KEY, name VARCHAR, score DECIMAL(10, 2)) WITH (KAFKA_TOPIC = 'customers', PARTITIONS " +
            "= 1, VALUE_FORMAT = 'JSON')",
        "CREATE TABLE mv_totals AS SELECT product, COUNT(*) AS n FROM orders GROUP BY product EMIT CHANGES",
    ];

    private readonly PostgresServerFixture _server = new();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        using var connection = await ConnectAsync();
        foreach (var sql in Setup)
            (await connection.ExchangeAsync("Q " + sql)).ShouldNotContain("E(");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    internal Task<ProtocolConnection> ConnectAsync() =>
        ProtocolConnection.OpenAsync(_server.Host, int.Parse(_server.Port, CultureInfo.InvariantCulture), "test", "streamsql");
}
