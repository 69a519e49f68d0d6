using Npgsql;
using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>One of the two servers that are asked, over one connection.</summary>
internal sealed class Subject : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private NpgsqlConnection _connection;

    private Subject(NpgsqlDataSource source, NpgsqlConnection connection)
    {
        _source = source;
        _connection = connection;
    }

    public static async Task<Subject> ConnectAsync(string host, int port, string user, string database)
    {
        var source = new NpgsqlDataSourceBuilder(
            $"Host={host};Port={port};Username={user};Database={database};Timezone=UTC;Command Timeout=20")
            .Build();
        return new(source, await source.OpenConnectionAsync());
    }

    /// <summary>Runs a statement that must not fail.</summary>
    public async Task ExecuteAsync(string statement)
    {
        await using var command = new NpgsqlCommand(statement, _connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The answer to a query; values come as the server's texts, or are read from the binary form.</summary>
    public async Task<Outcome> QueryAsync(GeneratedStatement statement, bool text)
    {
        await using var command = new NpgsqlCommand(statement.Text, _connection) { AllResultTypesAreUnknown = text };
        foreach (var parameter in statement.Parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter.Value ?? DBNull.Value, NpgsqlDbType = parameter.Type });
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            return await ReadAsync(reader, text);
        }
        catch (PostgresException error) when (_connection.FullState.HasFlag(System.Data.ConnectionState.Open))
        {
            return Outcome.OfError(error.SqlState, error.MessageText);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            // A broken connection or an answer that never ends is an outcome too; the next statement gets a new connection.
            await _connection.DisposeAsync();
            _connection = await _source.OpenConnectionAsync();
            return Outcome.OfError(Outcome.Lost, $"{error.GetType().Name}: {error.Message} {error.InnerException?.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static async Task<Outcome> ReadAsync(NpgsqlDataReader reader, bool text)
    {
        var columns = new OutcomeColumn[reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = new(reader.GetName(i), TypeName(reader.GetPostgresType(i).FullName));
        var rows = new List<string?[]>();
        while (await reader.ReadAsync())
        {
            var row = new string?[columns.Length];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : text ? reader.GetString(i) : await ReadBinaryAsync(reader, i, columns[i].Type);
            rows.Add(row);
        }

        return new(columns, rows, null, null);
    }

    private static string TypeName(string fullName) =>
        fullName.StartsWith("pg_catalog.", StringComparison.Ordinal) ? fullName["pg_catalog.".Length..] : fullName;

    private static async Task<string> ReadBinaryAsync(NpgsqlDataReader reader, int column, string type)
    {
        await using var stream = await reader.GetStreamAsync(column);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return WireValue.Format(type, bytes);
    }
}
