using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>pgjdbc.</summary>
public sealed class JavaClientTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private const string Driver = "/usr/share/java/postgresql.jar";

    [Theory]
    [InlineData("connect")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("errors")]
    [InlineData("push")]
    [InlineData("metadata")]
    [InlineData("everyQuestion")]
    public async Task Pgjdbc(string scenario)
    {
        bool installed = File.Exists(Driver) && await ClientProgram.WorksAsync("java", "--version");
        ClientProgram.Require(installed, "pgjdbc is not installed (apt-get install libpostgresql-jdbc-java default-jdk-headless).");
        string program = Path.Combine(PostgresServerFixture.Folder("java"), "Jdbc.java");
        await ClientProgram.SucceedsAsync("java", "-cp", Driver, program, server.Host, server.Port, scenario);
    }
}
