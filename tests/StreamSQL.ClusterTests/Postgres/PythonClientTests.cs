using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>Python's clients: psycopg2, SQLAlchemy over it, psycopg 3, asyncpg, and psqlODBC through pyodbc.</summary>
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
    [InlineData("reflect")]
    public Task Sqlalchemy(string scenario) => RunAsync("sqlalchemy", "sqlalchemy_program.py", scenario);

    [Theory]
    [InlineData("connect")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("pipelines")]
    [InlineData("cursors")]
    [InlineData("copy")]
    [InlineData("push")]
    public Task Psycopg3(string scenario) => RunAsync("psycopg", "psycopg3_program.py", scenario);

    [Theory]
    [InlineData("connect")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("cursors")]
    [InlineData("push")]
    public Task Asyncpg(string scenario) => RunAsync("asyncpg", "asyncpg_program.py", scenario);

    [Theory]
    [InlineData("connect")]
    [InlineData("values")]
    [InlineData("changes")]
    [InlineData("browse")]
    [InlineData("push")]
    public Task PsqlOdbc(string scenario) => RunAsync("pyodbc", "odbc_program.py", scenario, "odbc-postgresql");

    private async Task RunAsync(string module, string program, string scenario, string? needed = null)
    {
        bool installed = await ClientProgram.WorksAsync(Python, "-c", $"import {module}");
        installed &= needed != "odbc-postgresql" || await ClientProgram.WorksAsync("odbcinst", "-q", "-d", "-n", "PostgreSQL Unicode");
        ClientProgram.Require(installed, $"{module} is not installed (apt-get install python3-{module} {needed}).");
        await ClientProgram.SucceedsAsync(Python, "-B", Path.Combine(PostgresServerFixture.Folder("python"), program), server.Host,
            server.Port, scenario);
    }
}
