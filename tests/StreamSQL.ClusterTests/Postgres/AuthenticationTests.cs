using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
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

    [Fact]
    public async Task A_password_counts_until_its_time_is_over()
    {
        await QueryAsync("postgres", Password, statement: "CREATE ROLE ann LOGIN PASSWORD 'second' VALID UNTIL '2001-01-01'");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("ann", "second"))).SqlState.ShouldBe("28P01");
        await QueryAsync("postgres", Password, statement: "ALTER ROLE ann VALID UNTIL '2999-01-01 00:00:00+00'");
        (await QueryAsync("ann", "second")).ShouldBe("ann");
        await QueryAsync("postgres", Password, statement: "ALTER ROLE ann VALID UNTIL 'infinity'");
        (await QueryAsync("ann", "second")).ShouldBe("ann");
    }

    [Fact]
    public async Task A_renamed_role_logs_in_by_its_new_name_and_one_that_a_client_takes_counts()
    {
        await QueryAsync("postgres", Password, statement: "CREATE ROLE ann LOGIN PASSWORD 'second'");
        await QueryAsync("postgres", Password, statement: "ALTER ROLE ann RENAME TO anne");
        (await Should.ThrowAsync<PostgresException>(() => QueryAsync("ann", "second"))).SqlState.ShouldBe("28P01");
        (await QueryAsync("anne", "second")).ShouldBe("anne");
        (await QueryAsync("postgres", Password, statement: "SET ROLE anne; SELECT session_user || ' as ' || current_user")).ShouldBe(
            "postgres as anne");
    }

    [Fact]
    public async Task TLS_begins_without_being_asked_for_where_the_client_names_the_protocol()
    {
        await using (var tls = await BeginDirectlyAsync([new("postgresql")]))
        {
            tls.NegotiatedApplicationProtocol.ShouldBe(new SslApplicationProtocol("postgresql"));
            await tls.WriteAsync(StartupPacket());
            (await ReadByteAsync(tls)).ShouldBe((byte)'R'); // asks for the password
        }

        await using var other = await BeginDirectlyAsync([]);
        (await ReadByteAsync(other)).ShouldBe((byte)'E');
        var text = new byte[200];
        Encoding.UTF8.GetString(text, 0, await other.ReadAsync(text)).ShouldContain("ALPN");
    }

    [Fact]
    public async Task Another_protocol_is_refused_in_the_handshake() =>
        await Should.ThrowAsync<Exception>(() => BeginDirectlyAsync([SslApplicationProtocol.Http11]));

    [Fact]
    public async Task Bytes_that_came_before_the_handshake_are_not_taken_for_what_comes_through_it()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_server.Postgres);
        byte[] sslRequest = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
        await socket.GetStream().WriteAsync((byte[])[.. sslRequest, .. StartupPacket()]);
        var answer = new byte[500];
        var text = Encoding.UTF8.GetString(answer, 0, await socket.GetStream().ReadAtLeastAsync(answer, 20, throwOnEndOfStream: false));
        text.ShouldStartWith("E"); // and not S
        text.ShouldContain("received unencrypted data after SSL request");
    }

    private async Task<SslStream> BeginDirectlyAsync(List<SslApplicationProtocol> protocols)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(_server.Postgres);
        var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = protocols.Count == 0 ? null : protocols,
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        });
        return tls;
    }

    private static byte[] StartupPacket()
    {
        byte[] body = [0, 3, 0, 0, .. "user\0postgres\0\0"u8];
        return [0, 0, 0, (byte)(body.Length + 4), .. body];
    }

    private static async Task<byte> ReadByteAsync(Stream stream)
    {
        var one = new byte[1];
        await stream.ReadExactlyAsync(one);
        return one[0];
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
            $"Host=127.0.0.1;Port={_server.Postgres.Port};Username={user};Password={password};Database=streamsql;Pooling=false;SSL Mode=" +
                $"{mode}");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return (string?)await command.ExecuteScalarAsync();
    }
}
