using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>JavaScript's clients: node-postgres with its cursors and streams, postgres.js, knex.</summary>
public sealed class NodeClientTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private static readonly string Folder = PostgresServerFixture.Folder("node");

    [Theory]
    [InlineData("connect")]
    [InlineData("results")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("errors")]
    [InlineData("transactions")]
    [InlineData("push")]
    [InlineData("cursors")]
    [InlineData("timeouts")]
    public Task Node_postgres(string scenario) => RunAsync("node_postgres.js", scenario);

    [Theory]
    [InlineData("connect")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("errors")]
    [InlineData("transactions")]
    [InlineData("push")]
    [InlineData("cursors")]
    [InlineData("copy")]
    public Task Postgres_js(string scenario) => RunAsync("postgres_js.js", scenario);

    [Fact]
    public Task Knex() => RunAsync("knex.js", "schema");

    private async Task RunAsync(string program, string scenario)
    {
        bool installed = Directory.Exists(Path.Combine(Folder, "node_modules", "pg"))
            && await ClientProgram.WorksAsync("node", "--version");
        ClientProgram.Require(installed, "the clients are not installed (npm ci, in tests/StreamSQL.ClusterTests/Postgres/clients/node).");
        await ClientProgram.SucceedsAsync("node", Path.Combine(Folder, program), server.Host, server.Port, scenario);
    }
}
