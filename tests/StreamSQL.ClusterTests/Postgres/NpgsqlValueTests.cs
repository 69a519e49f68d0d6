using System.Data;
using Npgsql;
using NpgsqlTypes;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Postgres;

/// <summary>
/// Values of every type through Npgsql, which sends and takes them in binary: as parameters, with NULL beside them, and by COPY both ways.
/// </summary>
public sealed class NpgsqlValueTests(PostgresServerFixture server) : IClassFixture<PostgresServerFixture>
{
    private static readonly DateTime Instant = new(2024, 5, 6, 7, 8, 9, 123, DateTimeKind.Utc);

    public static TheoryData<NpgsqlDbType, object, string> Values => new()
    {
        { NpgsqlDbType.Smallint, (short)-7, "smallint" },
        { NpgsqlDbType.Integer, 7, "integer" },
        { NpgsqlDbType.Bigint, 7_000_000_000L, "bigint" },
        { NpgsqlDbType.Double, 1.5, "double precision" },
        { NpgsqlDbType.Boolean, true, "boolean" },
        { NpgsqlDbType.Text, "text ä", "text" },
        { NpgsqlDbType.Varchar, "varchar", "varchar" },
        { NpgsqlDbType.Bytea, new byte[] { 0, 1, 255 }, "bytea" },
        { NpgsqlDbType.Date, new DateOnly(2024, 5, 6), "date" },
        { NpgsqlDbType.Time, new TimeOnly(7, 8, 9, 120), "time" },
        { NpgsqlDbType.TimestampTz, Instant, "timestamptz" },
        { NpgsqlDbType.Jsonb, "{\"a\": 1}", "jsonb" },
        { NpgsqlDbType.Array | NpgsqlDbType.Integer, new[] { 1, 2, 3 }, "int[]" },
        { NpgsqlDbType.Array | NpgsqlDbType.Smallint, new short[] { 1, 2 }, "int2[]" },
        { NpgsqlDbType.Array | NpgsqlDbType.Text, new[] { "a", "b c" }, "text[]" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_comes_back_and_so_does_null_beside_it(NpgsqlDbType type, object value, string name)
    {
        await using var connection = await OpenAsync();
        foreach (string sql in new[] { "SELECT $1, $2, $3", $"SELECT $1::{name}, $2::{name}, coalesce($3::{name}, $1::{name})" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });
            command.Parameters.Add(new() { Value = DBNull.Value, NpgsqlDbType = type });
            command.Parameters.Add(new() { Value = DBNull.Value, NpgsqlDbType = type });
            await using var reader = await command.ExecuteReaderAsync();
            (await reader.ReadAsync()).ShouldBeTrue();
            (value is DateOnly ? reader.GetFieldValue<DateOnly>(0) : value is TimeOnly ? reader.GetFieldValue<TimeOnly>(0)
                : reader.GetValue(0)).ShouldBe(value, sql);
            reader.IsDBNull(1).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Rows_with_typed_nulls_are_inserted()
    {
        await using var connection = await OpenAsync();
        await ServerSql.ExecuteAsync(connection, Table("npgsql_nulls"));
        await using var insert = new NpgsqlCommand("INSERT INTO npgsql_nulls VALUES ($1, $2, $3, $4, $5, $6)", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long>(), new() { NpgsqlDbType = NpgsqlDbType.Integer }, new() { NpgsqlDbType = NpgsqlDbType.Text },
                new() { NpgsqlDbType = NpgsqlDbType.Numeric }, new() { NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { NpgsqlDbType = NpgsqlDbType.Boolean },
            },
        };
        object?[] values = [5, "x", 12.5m, Instant, true];
        for (var i = 0; i < values.Length; i++)
        {
            insert.Parameters[0].Value = (long)i;
            for (var j = 0; j < values.Length; j++)
                insert.Parameters[j + 1].Value = j == i ? values[j]! : DBNull.Value;
            (await insert.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        await using var read = new NpgsqlCommand("SELECT * FROM npgsql_nulls ORDER BY id", connection);
        await using var reader = await read.ExecuteReaderAsync();
        for (var i = 0; i < values.Length; i++)
        {
            (await reader.ReadAsync()).ShouldBeTrue();
            for (var j = 0; j < values.Length; j++)
                reader.GetValue(j + 1).ShouldBe(j == i ? values[j]! : DBNull.Value);
        }
    }

    [Fact]
    public async Task Binary_copy_goes_in_and_comes_out()
    {
        await using var connection = await OpenAsync();
        await ServerSql.ExecuteAsync(connection, Table("npgsql_export"));
        const string Columns = "npgsql_export (id, n, name, amount, at, flag)";
        await using (var import = await connection.BeginBinaryImportAsync($"COPY {Columns} FROM STDIN (FORMAT binary)"))
        {
            for (var i = 0; i < 500; i++)
            {
                await import.StartRowAsync();
                await import.WriteAsync((long)i);
                await import.WriteAsync(i, NpgsqlDbType.Integer);
                if (i % 2 == 0)
                    await import.WriteNullAsync();
                else
                    await import.WriteAsync("odd");
                await import.WriteAsync(i + 0.25m);
                await import.WriteAsync(Instant);
                await import.WriteAsync(i % 3 == 0);
            }

            (await import.CompleteAsync()).ShouldBe(500UL);
        }

        foreach (string source in new[] { Columns, "(SELECT id, n, name, amount, at, flag FROM npgsql_export ORDER BY id)" })
        {
            var seen = new HashSet<long>();
            await using var export = await connection.BeginBinaryExportAsync($"COPY {source} TO STDOUT (FORMAT binary)");
            while (await export.StartRowAsync() != -1)
            {
                long id = await export.ReadAsync<long>();
                seen.Add(id).ShouldBeTrue();
                (await export.ReadAsync<int>()).ShouldBe((int)id);
                if (export.IsNull)
                    await export.SkipAsync();
                else
                    (await export.ReadAsync<string>()).ShouldBe("odd");
                (await export.ReadAsync<decimal>()).ShouldBe(id + 0.25m);
                (await export.ReadAsync<DateTime>()).ShouldBe(Instant);
                (await export.ReadAsync<bool>()).ShouldBe(id % 3 == 0);
            }

            seen.Count.ShouldBe(500);
        }

        await using (var empty = await connection.BeginBinaryExportAsync(
            "COPY (SELECT id FROM npgsql_export WHERE id < 0) TO STDOUT (FORMAT binary)"))
            (await empty.StartRowAsync()).ShouldBe(-1);
        await using (var abandoned = await connection.BeginBinaryExportAsync($"COPY {Columns} TO STDOUT (FORMAT binary)"))
            (await abandoned.StartRowAsync()).ShouldBe(6);
        using var text = await connection.BeginTextExportAsync("COPY (SELECT 1, NULL) TO STDOUT");
        (await text.ReadToEndAsync()).ShouldBe("1\t\\N\n");
    }

    [Fact]
    public async Task An_array_of_arrays_takes_arrays_of_two_dimensions_in_binary_and_as_text()
    {
        await using var connection = await OpenAsync();
        await ServerSql.ExecuteAsync(
            connection, "CREATE STREAM npgsql_grids (id INTEGER KEY, cells ARRAY<ARRAY<INTEGER>>) WITH (KAFKA_TOPIC = 'npgsql_grids', " +
                "PARTITIONS = 1, VALUE_FORMAT = 'JSON')");
        await using (var insert = new NpgsqlCommand("INSERT INTO npgsql_grids (id, cells) VALUES (1, $1)", connection))
        {
            insert.Parameters.Add(new() { Value = new[,] { { 1, 2, 3 }, { 4, 5, 6 } } });
            await insert.ExecuteNonQueryAsync();
        }

        await using (var insert = new NpgsqlCommand("INSERT INTO npgsql_grids (id, cells) VALUES (2, $1)", connection))
        {
            insert.Parameters.Add(new() { Value = "{{7,NULL},{8,9}}", DataTypeName = "unknown" });
            await insert.ExecuteNonQueryAsync();
        }

        await using var select = new NpgsqlCommand("SELECT cells::text FROM npgsql_grids ORDER BY id", connection);
        await using var reader = await select.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        rows.ShouldBe(["[[1, 2, 3], [4, 5, 6]]", "[[7, null], [8, 9]]"]);
    }

    [Fact]
    public async Task A_statement_takes_as_many_parameters_as_the_protocol_can_count()
    {
        const int Most = 65_535;
        await using var connection = await OpenAsync();
        await using (var sum = new NpgsqlCommand("SELECT count(*) FROM unnest(ARRAY[" +
            $"{string.Join(',', Enumerable.Range(1, Most).Select(static i => $"${i}"))}]) v WHERE v % 2 = 1", connection))
        {
            for (var i = 0; i < Most; i++)
                sum.Parameters.Add(new NpgsqlParameter<int> { TypedValue = i });
            (await sum.ExecuteScalarAsync()).ShouldBe(32_767L);
        }

        await ServerSql.ExecuteAsync(connection, Table("npgsql_many"));
        const int Rows = 5000;
        string values = string.Join(", ", Enumerable.Range(0, Rows).Select(static i => $"(${(2 * i) + 1}, ${(2 * i) + 2})"));
        await using var insert = new NpgsqlCommand($"INSERT INTO npgsql_many (id, name) VALUES {values}", connection);
        for (var i = 0; i < Rows; i++)
        {
            insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = i });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "n" });
        }

        (await insert.ExecuteNonQueryAsync()).ShouldBe(Rows);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM npgsql_many", connection);
        (await count.ExecuteScalarAsync()).ShouldBe((long)Rows);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static string Table(string name) =>
        $"CREATE TABLE {name} (id BIGINT PRIMARY KEY, n INTEGER, name VARCHAR, amount DECIMAL(10, 2), at TIMESTAMP, flag BOOLEAN) "
        + $"WITH (KAFKA_TOPIC = '{name}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')";
}
