using System.Data;
using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>Npgsql, in this process.</summary>
public sealed class NpgsqlTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Connects_and_pools()
    {
        await using var source = NpgsqlDataSource.Create(
            server.ConnectionString.Replace("Pooling=false", "Maximum Pool Size=4", StringComparison.Ordinal));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand("SELECT $1 + 1", connection) { Parameters = { new() { Value = i } } };
            return (int)(await command.ExecuteScalarAsync())!;
        }));
        answers.ShouldBe(Enumerable.Range(1, 20));
        await using var one = await source.OpenConnectionAsync();
        one.PostgreSqlVersion.Major.ShouldBe(15);
        (await ScalarAsync(one, "SELECT pg_backend_pid()")).ShouldBe(one.ProcessID);
    }

    [Fact]
    public async Task Rows_are_inserted_in_batches_and_by_binary_copy()
    {
        await using var connection = await OpenAsync();
        await ServerSql.ExecuteAsync(connection, Table("npgsql_rows"));
        await using (var batch = new NpgsqlBatch(connection))
        {
            for (var i = 0; i < 10; i++)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO npgsql_rows (id, name) VALUES ($1, $2)")
                {
                    Parameters = { new() { Value = (long)i }, new() { Value = "x" } },
                });
            }

            (await batch.ExecuteNonQueryAsync()).ShouldBe(10);
        }

        await using (var import = await connection.BeginBinaryImportAsync("COPY npgsql_rows (id, name, amount) FROM STDIN (FORMAT binary)"))
        {
            for (var i = 10; i < 1000; i++)
            {
                await import.StartRowAsync();
                await import.WriteAsync((long)i);
                await import.WriteAsync("copied");
                await import.WriteAsync(1.5);
            }

            (await import.CompleteAsync()).ShouldBe(990UL);
        }

        (await ScalarAsync(connection, "SELECT count(*) FROM npgsql_rows WHERE amount = 1.5")).ShouldBe(990L);
        await using var prepared = new NpgsqlCommand("SELECT name FROM npgsql_rows WHERE id = $1", connection)
            { Parameters = { new() { Value = 0L } } };
        await prepared.PrepareAsync();
        for (var i = 8; i < 12; i++)
        {
            prepared.Parameters[0].Value = (long)i;
            (await prepared.ExecuteScalarAsync()).ShouldBe(i < 10 ? "x" : "copied");
        }
    }

    [Fact]
    public async Task Errors_and_transactions_are_those_of_postgres()
    {
        await using var connection = await OpenAsync();
        var error = await Should.ThrowAsync<PostgresException>(ScalarAsync(connection, "SELECT missing FROM nowhere"));
        (error.SqlState, error.Position).ShouldBe(("42P01", 21));
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await transaction.SaveAsync("s");
            (await Should.ThrowAsync<PostgresException>(ScalarAsync(connection, "SELECT 1/0"))).SqlState.ShouldBe("22012");
            (await Should.ThrowAsync<PostgresException>(ScalarAsync(connection, "SELECT 1"))).SqlState.ShouldBe("25P02");
            await transaction.RollbackAsync("s");
            (await ScalarAsync(connection, "SELECT 1")).ShouldBe(1);
            await transaction.CommitAsync();
        }

        await using var slow = new NpgsqlCommand("SELECT pg_sleep(20)", connection);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        (await Should.ThrowAsync<OperationCanceledException>(slow.ExecuteScalarAsync(cancel.Token).WaitAsync(Patience))).ShouldNotBeNull();
        (await ScalarAsync(connection, "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Schemas_are_read_from_the_catalog()
    {
        await using var connection = await OpenAsync();
        await ServerSql.ExecuteAsync(connection, Table("npgsql_schema"));
        string[] collections = ["MetaDataCollections", "Databases", "Schemata", "Tables", "Columns", "Views", "MaterializedViews", "Users",
            "Indexes", "DataTypes"];
        foreach (var collection in collections)
            (await connection.GetSchemaAsync(collection)).Columns.Count.ShouldBeGreaterThan(0, collection);
        var columns = await connection.GetSchemaAsync("Columns", [null, "public", "npgsql_schema"]);
        columns.Rows.Cast<DataRow>().Select(static row => (string)row["column_name"]).ShouldBe(["id", "name", "amount"], ignoreOrder: true);

        await using var command = new NpgsqlCommand("SELECT id, name AS label FROM npgsql_schema", connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.KeyInfo | CommandBehavior.SchemaOnly);
        var schema = await reader.GetColumnSchemaAsync();
        schema.Select(static column => (column.ColumnName, column.BaseColumnName, column.BaseTableName, column.AllowDBNull))
            .ShouldBe([("id", "id", "npgsql_schema", false), ("label", "name", "npgsql_schema", true)]);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static string Table(string name) =>
        $"CREATE TABLE {name} (id BIGINT PRIMARY KEY, name VARCHAR, amount DOUBLE) WITH (KAFKA_TOPIC = '{name}', PARTITIONS = 1, " +
            "VALUE_FORMAT = 'JSON')";

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
