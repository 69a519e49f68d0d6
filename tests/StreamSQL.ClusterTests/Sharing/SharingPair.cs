using System.Diagnostics;
using System.Net;
using Npgsql;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.ClusterTests.Sharing;

/// <summary>Two engines that share the queries of a broker: each runs some commit groups, and one changes the definitions.</summary>
internal sealed class SharingPair : IDisposable
{
    private const int TakeoverAfterSeconds = 2;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly TemporaryDirectory[] _data = [new(), new()];
    private readonly ServerProcess?[] _engines = new ServerProcess?[2];
    private readonly IPEndPoint _kafka;

    private SharingPair(IPEndPoint kafka) => _kafka = kafka;

    /// <summary>An engine, 0 or 1.</summary>
    public ServerProcess this[int index] => _engines[index] ?? throw new InvalidOperationException($"engine {index} does not run");

    /// <summary>Starts both; the first one changes the definitions.</summary>
    public static async Task<SharingPair> StartAsync(IPEndPoint kafka)
    {
        var pair = new SharingPair(kafka);
        await pair.StartAsync(0);
        await pair.StartAsync(1);
        return pair;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill(int index)
    {
        this[index].Kill();
        this[index].Dispose();
        _engines[index] = null;
    }

    /// <summary>Starts one that does not run.</summary>
    public async Task StartAsync(int index) =>
        _engines[index] = await ServerProcess.StartSharingAsync(_data[index].Path, _kafka, TakeoverAfterSeconds, "--share-queries");

    /// <summary>
    /// Starts one again if it has ended by itself, as an engine does that learns that another one changes the definitions.
    /// </summary>
    public async Task RestartIfEndedAsync(int index)
    {
        if (!this[index].HasEnded)
            return;
        this[index].Dispose();
        await StartAsync(index);
    }

    /// <summary>The engine that changes the definitions, when there is one.</summary>
    public async Task<ServerProcess> LeaderAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < _patience)
        {
            foreach (var engine in _engines)
            {
                if (engine is { HasEnded: false } && await LeadsAsync(engine))
                    return engine;
            }

            await Task.Delay(_pause);
        }

        throw new TimeoutException("no engine changes the definitions");
    }

    /// <summary>Waits until an engine runs so many tasks of a query.</summary>
    public async Task WhenRunningAsync(int index, string query, int tasks)
    {
        var started = Stopwatch.GetTimestamp();
        var running = -1;
        while (running != tasks && Stopwatch.GetElapsedTime(started) < _patience)
        {
            running = await TasksAsync(index, query);
            if (running != tasks)
                await Task.Delay(_pause);
        }

        running.ShouldBe(tasks);
    }

    /// <summary>How many tasks of a query an engine runs.</summary>
    public async Task<int> TasksAsync(int index, string query) =>
        (await this[index].ReadAsync($"SELECT DISTINCT task FROM streamsql.tasks WHERE query_id = '{query}'")).Length;

    public void Dispose()
    {
        foreach (var engine in _engines)
            engine?.Dispose();
        foreach (var data in _data)
            data.Dispose();
    }

    private static async Task<bool> LeadsAsync(ServerProcess engine)
    {
        try
        {
            await engine.ExecuteAsync("DROP VIEW IF EXISTS not_there");
            return true;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            return false;
        }
    }
}
