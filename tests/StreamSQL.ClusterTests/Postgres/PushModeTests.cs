using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.ClusterTests.Postgres.Protocol;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>
/// Push queries in every mode: psql's COPY, FETCH_COUNT and collected rows, cursors with FETCH n, the extended protocol with a row limit,
/// text and binary,
/// and a position that a driver hands back.
/// </summary>
public sealed class PushModeTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private const int First = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("COPY (SELECT id, name FROM {0} EMIT CHANGES) TO STDOUT (FORMAT csv);\n")]
    [InlineData("\\pset format csv\n\\set FETCH_COUNT 1\nSELECT id, name FROM {0} EMIT CHANGES;\n")]
    public async Task Psql_shows_each_row_when_it_comes_and_ends_at_an_interrupt(string script)
    {
        await RequirePsqlAsync();
        var stream = script.StartsWith('C') ? "psql_copy" : "psql_fetch";
        await using var writer = await OpenAsync(stream);
        using var psql = StartPsql(string.Format(CultureInfo.InvariantCulture, script, stream));
        (await FirstLineAsync(psql, writer, stream)).ShouldBe($"{First},x");
        for (var i = 0; i < 3; i++)
        {
            await InsertAsync(writer, stream, i);
            string? line;
            do
                line = await psql.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            while (line == $"{First},x");
            line.ShouldBe($"{i},x");
        }

        await ClientProgram.SucceedsAsync("kill", "-INT", psql.Id.ToString(CultureInfo.InvariantCulture));
        (await psql.StandardError.ReadToEndAsync().WaitAsync(Patience)).ShouldContain("canceling statement due to user request");
    }

    [Fact]
    public async Task Psql_that_collects_rows_tells_at_once_how_to_see_them()
    {
        await RequirePsqlAsync();
        await using var writer = await OpenAsync("psql_plain");
        using var psql = StartPsql("SELECT id FROM psql_plain EMIT CHANGES LIMIT 1;\n");
        (await psql.StandardError.ReadLineAsync().WaitAsync(Patience)).ShouldBe("NOTICE:  this query runs until it is cancelled");
        (await psql.StandardError.ReadLineAsync().WaitAsync(Patience))!.ShouldContain("\\set FETCH_COUNT 1");
        (await FirstLineAsync(psql, writer, "psql_plain")).ShouldBe($"{First}");
    }

    [Fact]
    public async Task FETCH_waits_for_one_row_and_gives_what_is_ready_up_to_its_count()
    {
        await using var writer = await OpenAsync("fetched");
        using var client = await ConnectRawAsync();
        await client.ExchangeAsync("Q BEGIN; DECLARE c CURSOR FOR SELECT id FROM fetched EMIT CHANGES");
        await InsertAsync(writer, "fetched", 1, 2, 3);
        (await client.ExchangeAsync("Q FETCH 2 FROM c")).ShouldBe("T(id:20) D(1) D(2) C:FETCH 2 ZT");
        (await client.ExchangeAsync("Q FETCH 10 FROM c")).ShouldBe("T(id:20) D(3) C:FETCH 1 ZT");
        (await client.ExchangeAsync("Q FETCH 10 FROM c WITH (TIMEOUT = '20ms')")).ShouldBe("T(id:20) C:FETCH 0 ZT");
        await client.ExchangeAsync("Q SET streamsql.fetch = 'full'");
        var all = client.ExchangeAsync("Q FETCH 2 FROM c");
        await InsertAsync(writer, "fetched", 4);
        await Task.Delay(TimeSpan.FromMilliseconds(100));
        all.IsCompleted.ShouldBeFalse();
        await InsertAsync(writer, "fetched", 5);
        (await all).ShouldBe("T(id:20) D(4) D(5) C:FETCH 2 ZT");
    }

    [Fact]
    public async Task Execute_with_a_row_limit_gives_so_many_rows_and_goes_on_where_it_was()
    {
        await using var writer = await OpenAsync("limited");
        using var client = await ConnectRawAsync();
        (await client.ExchangeAsync("Q BEGIN")).ShouldBe("C:BEGIN ZT");
        (await client.ExchangeAsync("P(q) SELECT id FROM limited EMIT CHANGES | D(S:q) | B(p,q) | E(p:0) | H | <3")).ShouldBe(
            "1 t() T(id:20)");
        await client.ExchangeAsync("<1"); // Bind is answered; the portal runs now
        await InsertAsync(writer, "limited", 1, 2, 3);
        (await client.ExchangeAsync("<3")).ShouldBe("D(1) D(2) D(3)");

        using var paged = await ConnectRawAsync();
        await paged.ExchangeAsync("Q BEGIN; SET LOCAL auto.offset.reset = 'earliest'");
        (await paged.ExchangeAsync("P(q) SELECT id FROM limited EMIT CHANGES | B(p,q) | E(p:2) | H | <5")).ShouldBe("1 2 D(1) D(2) s");
        (await paged.ExchangeAsync("E(p:1) | H | <2")).ShouldBe("D(3) s");
        (await paged.ExchangeAsync("C(P:p) | S")).ShouldBe("3 ZT");
    }

    [Fact]
    public async Task Rows_come_in_binary_too()
    {
        await using var writer = await OpenAsync("binary_rows");
        await InsertAsync(writer, "binary_rows", 7);
        await using var connection = await ConnectAsync();
        await ServerSql.ExecuteAsync(connection, "SET 'auto.offset.reset' = 'earliest'");
        await using (var command = new NpgsqlCommand("SELECT id, name FROM binary_rows EMIT CHANGES LIMIT 1", connection))
        await using (var reader = await command.ExecuteReaderAsync().WaitAsync(Patience))
        {
            (await reader.ReadAsync()).ShouldBeTrue();
            (reader.GetFieldValue<long>(0), reader.GetString(1)).ShouldBe((7L, "x"));
        }

        using var export = await connection.BeginBinaryExportAsync(
            "COPY (SELECT id, name FROM binary_rows EMIT CHANGES LIMIT 1) TO STDOUT (FORMAT binary)");
        (await export.StartRowAsync()).ShouldBe(2);
        (await export.ReadAsync<long>(), await export.ReadAsync<string>()).ShouldBe((7L, "x"));
        (await export.StartRowAsync()).ShouldBe(-1);
    }

    [Fact]
    public async Task A_snapshot_its_changes_and_a_position_come_through_a_parameter_of_a_driver()
    {
        await using var writer = await ConnectAsync();
        await ServerSql.ExecuteAsync(
            writer, "CREATE TABLE prices (id BIGINT PRIMARY KEY, price INTEGER) WITH (KAFKA_TOPIC = 'prices', PARTITIONS = 2, " +
                "VALUE_FORMAT = 'JSON')");
        await ServerSql.ExecuteAsync(writer, "INSERT INTO prices VALUES (1, 10), (2, 20)");
        var (rows, position) = (new List<string>(), "");
        await using (var connection = await ConnectAsync())
        {
            await using var command =
                new NpgsqlCommand("SELECT id, price FROM prices EMIT CHANGES WITH (SNAPSHOT = TRUE, PROGRESS = '10ms')", connection);
            await using var reader = await command.ExecuteReaderAsync().WaitAsync(Patience);
            while (position.Length == 0 && await reader.ReadAsync().WaitAsync(Patience))
            {
                if (reader.GetBoolean(0))
                    position = reader.GetString(1);
                else
                    rows.Add(string.Create(CultureInfo.InvariantCulture, $"{reader.GetInt64(3)}|{reader.GetInt32(4)}"));
            }

            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Should.ThrowAsync<OperationCanceledException>(() => ReadToEndAsync(reader, stop.Token).WaitAsync(Patience));
        }

        rows.Order().ShouldBe(["1|10", "2|20"]);
        await ServerSql.ExecuteAsync(writer, "INSERT INTO prices VALUES (3, 30)");
        await using var again = await ConnectAsync();
        await using var resumed = new NpgsqlCommand("SELECT id FROM prices EMIT CHANGES AS OF $1 LIMIT 1", again)
            { Parameters = { new() { Value = position } } };
        (await resumed.ExecuteScalarAsync().WaitAsync(Patience)).ShouldBe(3L);
    }

    private static async Task ReadToEndAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        while (await reader.ReadAsync(cancellation))
        {
            // What comes until the end is of no interest.
        }
    }

    private static async Task RequirePsqlAsync() =>
        ClientProgram.Require(await ClientProgram.WorksAsync("psql", "--version"),
            "psql is not installed (apt-get install postgresql-client).");

    /// <summary>psql with its output by lines, as on a terminal.</summary>
    private Process StartPsql(string script)
    {
        var start = new ProcessStartInfo("stdbuf",
            ["-oL", "psql", "-XAtq", "-h", server.Host, "-p", server.Port, "-U", "test", "-d", "streamsql"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        var process = Process.Start(start)!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        return process;
    }

    private async Task<NpgsqlConnection> OpenAsync(string stream)
    {
        var connection = await ConnectAsync();
        await ServerSql.ExecuteAsync(
            connection, $"CREATE STREAM {stream} (id BIGINT KEY, name VARCHAR) WITH (KAFKA_TOPIC = '{stream}', PARTITIONS = 1, " +
                "VALUE_FORMAT = 'JSON')");
        return connection;
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private Task<ProtocolConnection> ConnectRawAsync() =>
        ProtocolConnection.OpenAsync(server.Host, int.Parse(server.Port, CultureInfo.InvariantCulture), "test", "streamsql");

    private static Task InsertAsync(NpgsqlConnection writer, string stream, params int[] ids) =>
        ServerSql.ExecuteAsync(writer,
            $"INSERT INTO {stream} (id, name) VALUES {string.Join(", ", ids.Select(static id => $"({id}, 'x')"))}");

    /// <summary>Inserts rows until one of them has come out: those that are inserted before the query runs are not seen by it.</summary>
    private static async Task<string?> FirstLineAsync(Process psql, NpgsqlConnection writer, string stream)
    {
        var line = psql.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        while (!line.IsCompleted)
        {
            await InsertAsync(writer, stream, First);
            await Task.WhenAny(line, Task.Delay(TimeSpan.FromMilliseconds(20)));
        }

        return await line;
    }
}
