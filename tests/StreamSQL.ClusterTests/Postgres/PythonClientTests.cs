using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>Python's clients: psycopg2, and SQLAlchemy over it.</summary>
public sealed class PythonClientTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private const string Python = "/usr/bin/python3"; // the one that the distribution's modules are for

    [Theory]
    [InlineData("connect")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("errors")]
    [InlineData("transactions")]
    [InlineData("cursors")]
    [InlineData("push")]
    [InlineData("copy")]
    public Task Psycopg2(string scenario) => RunAsync("psycopg2", "psycopg2_program.py", scenario);

    [Theory]
    [InlineData("core")]
    [InlineData("orm")]
    [InlineData("inspect")]
    [InlineData("reflect", Skip = "It casts an int2vector to text (1 2); here that is an array of smallint, whose text has braces.")]
    public Task Sqlalchemy(string scenario) => RunAsync("sqlalchemy", "sqlalchemy_program.py", scenario);

    private async Task RunAsync(string module, string program, string scenario)
    {
        bool installed = await ClientProgram.WorksAsync(Python, "-c", $"import {module}");
        ClientProgram.Require(installed, $"{module} is not installed (apt-get install python3-{module}).");
        await ClientProgram.SucceedsAsync(Python, "-B", Path.Combine(PostgresServerFixture.Folder("python"), program), server.Host, server.Port, scenario);
    }
}
