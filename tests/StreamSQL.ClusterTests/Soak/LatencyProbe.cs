using System.Diagnostics;
using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Soak;

/// <summary>Asks a server the same question again and again, with a pause between, and notes how long each answer takes.</summary>
/// <param name="query">The question.</param>
/// <param name="parameter">The value of its parameter, made anew each time; null for a question without one.</param>
internal sealed class LatencyProbe(string query, Func<string>? parameter)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);
    private readonly List<string> _errors = [];

    /// <summary>What was answered with an error.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>How long the answers took.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Asks until it is told to stop.</summary>
    public async Task RunAsync(ServerProcess server, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(server.PostgresConnection);
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(query, connection);
        if (parameter is not null)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "" });
        await command.PrepareAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            if (parameter is not null)
                command.Parameters[0].Value = parameter();
            await AskAsync(command);
            await Task.Delay(_pause, CancellationToken.None);
        }
    }

    private async Task AskAsync(NpgsqlCommand command)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await command.ExecuteScalarAsync(CancellationToken.None);
            Latencies.Add(started);
        }
        catch (PostgresException error)
        {
            _errors.Add($"{query} failed: {error.MessageText}");
        }
    }
}
