using System.Globalization;
using Npgsql;

namespace StreamSQL.ClusterTests.Support;

/// <summary>SQL on a server process.</summary>
internal static class ServerSql
{
    /// <summary>Runs the statements of a script, which semicolons end.</summary>
    public static async Task ExecuteAsync(this ServerProcess server, string script)
    {
        await using var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync();
        foreach (var statement in script.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            await ExecuteAsync(connection, statement);
    }

    /// <summary>Runs a statement.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The rows of a query, their values with bars between.</summary>
    public static async Task<string[]> ReadAsync(this ServerProcess server, string query)
    {
        await using var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return [.. rows];
    }

    /// <summary>
    /// Asks until the answer is the expected one: after a restart the queries catch up first. The last answer is compared.
    /// </summary>
    public static async Task EventuallyAsync(this ServerProcess server, string query, string[] expected)
    {
        string[] rows = [];
        for (var attempt = 0; attempt < 200; attempt++)
        {
            rows = await ReadAsync(server, query);
            if (rows.SequenceEqual(expected))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        rows.ShouldBe(expected);
    }

    /// <summary>Waits until it answers SQL: while it stands by, it refuses.</summary>
    public static async Task WhenAnsweringAsync(this ServerProcess server, TimeSpan patience)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ReadAsync(server, "SELECT 1");
                return;
            }
            catch (PostgresException error)
                when (error.SqlState == PostgresErrorCodes.CannotConnectNow
                    && System.Diagnostics.Stopwatch.GetElapsedTime(started) < patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    /// <summary>Asks until the answer is the expected one; the last answer when it never is, null when it is.</summary>
    public static async Task<string[]?> SettlesAtAsync(this ServerProcess server, string query, string[] expected, TimeSpan patience)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            var rows = await ReadAsync(server, query);
            if (rows.SequenceEqual(expected))
                return null;
            if (System.Diagnostics.Stopwatch.GetElapsedTime(started) > patience)
                return rows;
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }
}
