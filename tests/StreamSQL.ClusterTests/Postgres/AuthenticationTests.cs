using System.Globalization;
using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>Real clients log in with passwords over TLS.</summary>
public sealed class AuthenticationTests : IAsyncLifetime
{
    private const string Password = "first secret";
    private readonly TemporaryDirectory _data = new();
    private readonly TemporaryDirectory _rules = new();
    private ServerProcess _server = null!;

    private string Certificate => Path.Combine(_data.Path, "postgres", "server.pem");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_rules.Path);
        await File.WriteAllTextAsync(Path.Combine(_rules.Path, "hba"), "hostssl all all all scram-sha-256\n");
        await StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        _data.Dispose();
        _rules.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Npgsql_logs_in_with_the_password_only_and_over_TLS_only()
    {
        (await QueryAsync("postgres", Password)).ShouldBe("postgres");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("postgres", "wrong"))).SqlState.ShouldBe("28P01");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("nobody", Password))).SqlState.ShouldBe("28P01");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("postgres", Password, "Disable"))).SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task Roles_and_the_certificate_stay_over_a_restart()
    {
        await QueryAsync("postgres", Password, statement: "CREATE ROLE ann LOGIN PASSWORD 'second'");
        var certificate = await File.ReadAllTextAsync(Certificate);
        (await _server.StopAsync()).ShouldBe(0);
        _server.Dispose();
        await StartAsync();

        (await QueryAsync("ann", "second")).ShouldBe("ann");
        var refused = await Should.ThrowAsync<PostgresException>(() => QueryAsync("ann", "second", statement: "CREATE ROLE bob"));
        refused.SqlState.ShouldBe("42501");
        (await File.ReadAllTextAsync(Certificate)).ShouldBe(certificate);
    }

    [Fact]
    public async Task What_is_changed_about_a_role_counts_at_its_next_login()
    {
        await QueryAsync("postgres", Password, statement: "CREATE ROLE ann LOGIN PASSWORD 'second'");
        await QueryAsync("postgres", Password, statement: "ALTER ROLE ann PASSWORD 'third'");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("ann", "second"))).SqlState.ShouldBe("28P01");
        (await QueryAsync("ann", "third")).ShouldBe("ann");
        await QueryAsync("postgres", Password, statement: "ALTER ROLE ann NOLOGIN");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("ann", "third"))).SqlState.ShouldBe("28000");
        await QueryAsync("postgres", Password, statement: "DROP ROLE ann");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("ann", "third"))).SqlState.ShouldBe("28P01");
    }

    [Fact]
    public async Task Psql_checks_the_certificate_and_binds_the_login_to_it()
    {
        ClientProgram.Require(await ClientProgram.WorksAsync("psql", "--version"), "psql is not there");

        var (exitCode, output) = await PsqlAsync("postgres", Password);
        exitCode.ShouldBe(0, output);
        output.Trim().ShouldBe("postgres");

        (exitCode, output) = await PsqlAsync("postgres", "wrong");
        exitCode.ShouldBe(2);
        output.ShouldContain("password authentication failed for user \"postgres\"");
        (await PsqlAsync("nobody", "wrong")).Output.ShouldContain("password authentication failed for user \"nobody\"");
    }

    private async Task StartAsync() => _server = await ServerProcess.StartAsync(_data.Path, new Dictionary<string, string>
    {
        ["STREAMSQL_POSTGRES_TLS"] = "required",
        ["STREAMSQL_POSTGRES_HBA"] = Path.Combine(_rules.Path, "hba"),
        ["STREAMSQL_POSTGRES_PASSWORD"] = Password,
    });

    private Task<(int ExitCode, string Output)> PsqlAsync(string user, string password) => ClientProgram.RunAsync(
        "psql", "-XAt", "-c", "SELECT current_user",
        string.Create(CultureInfo.InvariantCulture,
            $"host=127.0.0.1 port={_server.Postgres.Port} dbname=streamsql user={user} password='{password}' channel_binding=require "
            + $"sslmode=verify-full sslrootcert='{Certificate}'"));

    private async Task<string?> QueryAsync(string user, string password, string mode = "Require", string statement = "SELECT current_user")
    {
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={_server.Postgres.Port};Username={user};Password={password};Database=streamsql;Pooling=false;SSL Mode={mode}");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return (string?)await command.ExecuteScalarAsync();
    }
}
