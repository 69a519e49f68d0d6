using System.Diagnostics;
using System.Globalization;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>psql and pgbench.</summary>
public sealed class PsqlTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    [Theory]
    [InlineData(@"\d", "psql_things")]
    [InlineData(@"\d+ psql_things", "Access method: heap")]
    [InlineData(@"\d+ psql_view", "COUNT(*) AS n")]
    [InlineData(@"\l+", "streamsql")]
    [InlineData(@"\dn", "streamsql")]
    [InlineData(@"\dt", "psql_things")]
    [InlineData(@"\dm", "psql_view")]
    [InlineData(@"\dv streamsql.*", "queries")]
    [InlineData(@"\di", "psql_things_pkey")]
    [InlineData(@"\dp", "psql_things")]
    [InlineData(@"\du", "Superuser")]
    [InlineData(@"\df abs", "abs")]
    [InlineData(@"\dT", "List of data types")]
    [InlineData(@"\ds", "Did not find any relations")]
    [InlineData(@"\db", "pg_default")]
    [InlineData(@"\dx", "List of installed extensions")]
    [InlineData(@"\dL", "List of languages")]
    [InlineData(@"\dd", "Object descriptions")]
    [InlineData(@"\deu", "List of user mappings")]
    [InlineData(@"\conninfo", "streamsql")]
    [InlineData("SELECT count(*) > 0 FROM streamsql.topics", "t")]
    [InlineData("SELECT status FROM streamsql.queries WHERE sink = 'PSQL_VIEW'", "RUNNING")]
    [InlineData("SELECT state FROM pg_stat_activity WHERE pid = pg_backend_pid()", "active")]
    public async Task Psql_browses(string command, string expected)
    {
        await ReadyAsync();
        (int exitCode, string output) = await PsqlAsync("-c", command);
        exitCode.ShouldBeOneOf(0, command == @"\ds" ? 1 : 0);
        output.ShouldNotContain("ERROR");
        output.ShouldContain(expected);
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("extended")]
    [InlineData("prepared")]
    public async Task Pgbench_runs_its_protocols(string protocol)
    {
        await ReadyAsync();
        ClientProgram.Require(await ClientProgram.WorksAsync("pgbench", "--version"),
            "pgbench is not installed (apt-get install postgresql-contrib).");
        string script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, "\\set k random(1, 2)\nSELECT name FROM psql_things WHERE id = :k;\n");
            (int exitCode, string output) = await ClientProgram.RunAsync(
                "pgbench", "-n", "-M", protocol, "-f", script, "-c", "2", "-t", "50", "-h", server.Host, "-p", server.Port, "-U", "test",
                "streamsql");
            exitCode.ShouldBe(0, output);
            output.ShouldContain("number of transactions actually processed: 100/100");
        }
        finally
        {
            File.Delete(script);
        }
    }

    [Fact]
    public async Task A_push_query_is_live_with_fetch_count_and_ends_when_it_is_interrupted()
    {
        await ReadyAsync();
        await ExecuteAsync("CREATE STREAM IF NOT EXISTS psql_push (id BIGINT KEY, name VARCHAR) WITH (KAFKA_TOPIC = 'psql_push', " +
            "PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
        var start = new ProcessStartInfo("psql",
            [.. Address(), "-t", "-v", "FETCH_COUNT=1", "-c", "SELECT id, name FROM psql_push EMIT CHANGES"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process psql = Process.Start(start)!;
        try
        {
            // Until psql has started the query nothing that is inserted is seen.
            Task<string?> line = psql.StandardOutput.ReadLineAsync();
            var id = 0;
            while (!line.IsCompleted)
            {
                id.ShouldBeLessThan(100);
                await ExecuteAsync($"INSERT INTO psql_push VALUES ({++id}, 'first')");
            }

            (await line).ShouldNotBeNull().ShouldContain("| first");
            for (var i = 0; i < 3; i++)
            {
                await ExecuteAsync($"INSERT INTO psql_push VALUES ({1000 + i}, 'later')");
                string? next;
                do
                    next = await psql.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(15));
                while (next is not null && next.Contains("first", StringComparison.Ordinal));
                next.ShouldNotBeNull().Trim().ShouldBe($"{1000 + i} | later");
            }

            (await ClientProgram.WorksAsync("kill", "-INT", psql.Id.ToString(CultureInfo.InvariantCulture))).ShouldBeTrue();
            (await psql.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(15))).ShouldContain(
                "canceling statement due to user request");
        }
        finally
        {
            psql.Kill();
        }
    }

    private async Task ReadyAsync()
    {
        ClientProgram.Require(await ClientProgram.WorksAsync("psql", "--version"),
            "psql is not installed (apt-get install postgresql-client).");
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS psql_things (id BIGINT PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC = " +
            "'psql_things', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
        await ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS psql_view AS SELECT name, COUNT(*) AS n FROM psql_things GROUP BY name EMIT CHANGES");
        await ExecuteAsync("INSERT INTO psql_things VALUES (1, 'a'), (2, 'b')");
    }

    private async Task ExecuteAsync(string statement)
    {
        (int exitCode, string output) = await PsqlAsync("-c", statement);
        exitCode.ShouldBe(0, output);
    }

    private Task<(int ExitCode, string Output)> PsqlAsync(params string[] arguments) =>
        ClientProgram.RunAsync("psql", [.. Address(), .. arguments]);

    private string[] Address() => ["-X", "-h", server.Host, "-p", server.Port, "-U", "test", "-d", "streamsql"];
}
