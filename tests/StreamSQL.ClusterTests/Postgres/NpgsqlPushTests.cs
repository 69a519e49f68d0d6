using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>Push queries in Npgsql: a reader gives each row when it happens, without a setting.</summary>
public sealed class NpgsqlPushTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private const long First = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_reader_gives_rows_as_they_happen_until_it_is_cancelled()
    {
        await using var connection = await OpenAsync();
        await using var writer = await OpenAsync();
        await CreateAsync(writer, "npgsql_push");
        await using var command = new NpgsqlCommand("SELECT id, name FROM npgsql_push WHERE id >= $1 EMIT CHANGES", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = 10 } },
            CommandTimeout = 0,
        };
        await using (var reader = await ReaderAsync(command, writer, "npgsql_push"))
        {
            for (long id = 1000; id < 1005; id++)
            {
                await InsertAsync(writer, "npgsql_push", 9);
                await InsertAsync(writer, "npgsql_push", id);
                // The next row is sent only after this one was read.
                do
                    (await reader.ReadAsync().WaitAsync(Patience)).ShouldBeTrue();
                while (reader.GetInt64(0) == First);
                (reader.GetInt64(0), reader.GetString(1)).ShouldBe((id, $"name {id}"));
            }

            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            await Should.ThrowAsync<OperationCanceledException>(() => reader.ReadAsync(stop.Token).WaitAsync(Patience));
        }

        await using var after = new NpgsqlCommand("SELECT 1", connection);
        (await after.ExecuteScalarAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_prepared_one_runs_again_and_ends_with_its_limit()
    {
        await using var connection = await OpenAsync();
        await using var writer = await OpenAsync();
        await CreateAsync(writer, "npgsql_push_again");
        await using var command = new NpgsqlCommand("SELECT id FROM npgsql_push_again EMIT CHANGES LIMIT 2", connection);
        await command.PrepareAsync();
        for (var round = 0; round < 2; round++)
        {
            await using var reader = await ReaderAsync(command, writer, "npgsql_push_again");
            await InsertAsync(writer, "npgsql_push_again", 1);
            (await reader.ReadAsync().WaitAsync(Patience)).ShouldBeTrue();
            (await reader.ReadAsync().WaitAsync(Patience)).ShouldBeTrue();
            (await reader.ReadAsync().WaitAsync(Patience)).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Text_copy_is_live_too()
    {
        await using var connection = await OpenAsync();
        await using var writer = await OpenAsync();
        await CreateAsync(writer, "npgsql_push_copy");
        using var export = await connection.BeginTextExportAsync("COPY (SELECT id FROM npgsql_push_copy EMIT CHANGES LIMIT 3) TO STDOUT");
        for (long id = 0; id < 3; id++)
        {
            await InsertAsync(writer, "npgsql_push_copy", id);
            (await export.ReadLineAsync().WaitAsync(Patience)).ShouldBe($"{id}");
        }

        (await export.ReadLineAsync().WaitAsync(Patience)).ShouldBeNull();
    }

    /// <summary>
    /// A reader is there when the first row is: Npgsql looks whether there are rows. What is inserted before the query runs is not seen.
    /// </summary>
    private static async Task<NpgsqlDataReader> ReaderAsync(NpgsqlCommand command, NpgsqlConnection writer, string name)
    {
        var reader = command.ExecuteReaderAsync();
        for (var i = 0; !reader.IsCompleted; i++)
        {
            i.ShouldBeLessThan(1000);
            await InsertAsync(writer, name, First);
            await Task.WhenAny(reader, Task.Delay(TimeSpan.FromMilliseconds(20)));
        }

        return await reader;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static Task CreateAsync(NpgsqlConnection connection, string name) => ServerSql.ExecuteAsync(
        connection,
        $"CREATE STREAM {name} (id BIGINT KEY, name VARCHAR) WITH (KAFKA_TOPIC = '{name}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')");

    private static async Task InsertAsync(NpgsqlConnection connection, string name, long id)
    {
        await using var insert = new NpgsqlCommand($"INSERT INTO {name} VALUES ($1, $2)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = id }, new NpgsqlParameter<string> { TypedValue = $"name {id}" } },
        };
        await insert.ExecuteNonQueryAsync();
    }
}
