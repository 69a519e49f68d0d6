using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;
using StreamSQL.ClusterTests.Support;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.UnitTests.Engine.ExactlyOnce;
using StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

namespace StreamSQL.ClusterTests.ExactlyOnce;

/// <summary>
/// All shapes of queries on processes that are killed again and again while rows come in; in the end tables, topics and all committed
/// prefixes are compared with the oracles.
/// </summary>
internal sealed class ExactlyOnceRun(int seed, ProcessLayout layout)
{
    private const int ShownOfShape = 3;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly Random _random = new(seed);
    private readonly History _history = new();
    private readonly List<string> _internalErrors = [];
    private readonly IReadOnlyList<Shape> _shapes = ShapeCatalog.All;

    /// <summary>What the run did, in figures.</summary>
    public string Figures { get; private set; } = "";

    /// <summary>Kills so many times, and checks; what is wrong.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(int kills, Action<string> tell)
    {
        using KilledProcesses processes = await KilledProcesses.StartAsync(layout, new Random(_random.Next()));
        await processes.Engine.ExecuteAsync(string.Join(";\n", ShapeCatalog.Statements(_shapes)));
        await using TcpBrokerClient client = Client(processes.Kafka);
        await using var producer = new InputProducer(processes.Kafka, new Random(_random.Next()));
        var feed = new InputFeed(new Random(_random.Next()), _history);
        using var stop = new CancellationTokenSource();
        Task feeding = FeedAsync(producer, feed, new Random(_random.Next()), stop.Token);
        for (int kill = 1; kill <= kills && !feeding.IsCompleted; kill++)
        {
            await Task.Delay(_random.Next(100, 1200));
            await processes.KillAsync();
            if (kill % 20 == 0)
                tell($"{kill} kills, {_history.Count} rows");
        }

        await stop.CancelAsync();
        await feeding;
        IReadOnlyList<string> anomalies = await SettleAsync(processes, client);
        if (anomalies.Count > 0)
            return anomalies;
        using var giveUp = new CancellationTokenSource(_patience);
        foreach (InputTopic topic in InputTopic.All.Where(static topic => !topic.IsTable))
            await SendAsync(producer, feed.Closing(topic), giveUp.Token);
        anomalies = await SettleAsync(processes, client);
        Figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{_shapes.Count} shapes, {processes.BrokerKills} kills of the broker, {processes.KillsWhileStarting} more while starting, " +
            $"{_history.Count:N0} rows, "
            + $"{producer.Aborted:N0} transactions aborted, {Figures}");
        return anomalies;
    }

    private static TcpBrokerClient Client(IPEndPoint kafka) => new(
        new TcpClientOptions { Bootstrap = [new DnsEndPoint(kafka.Address.ToString(), kafka.Port)],
            RequestTimeout = TimeSpan.FromSeconds(20) }, TimeProvider.System);

    private async Task FeedAsync(InputProducer producer, InputFeed feed, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await SendAsync(producer, feed.Next(), CancellationToken.None);
            if (random.Next(2) == 0)
                await Task.Delay(random.Next(1, 20), CancellationToken.None);
        }
    }

    private async Task SendAsync(InputProducer producer, InputBatch batch, CancellationToken giveUp)
    {
        await producer.SendAsync(batch, giveUp);
        _history.Add(batch);
    }

    /// <summary>Checks again and again until all is right, since queries catch up; what is wrong when patience is over.</summary>
    private async Task<IReadOnlyList<string>> SettleAsync(KilledProcesses processes, TcpBrokerClient client)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            await processes.RestartEndedAsync();
            var anomalies = new List<string>();
            foreach (ServerProcess engine in processes.Engines)
                anomalies.AddRange(await CheckAsync(engine, client));
            if (anomalies.Count == 0 || _internalErrors.Count > 0 || Stopwatch.GetElapsedTime(started) > _patience)
                return anomalies;
            await Task.Delay(_pause);
        }
    }

    private async Task<string?> CompareAsync(ServerProcess server, Shape shape, RunResult result)
    {
        try
        {
            return RunCheck.Compare(shape, result, await server.ReadAsync(shape.Query));
        }
        catch (PostgresException e)
        {
            // A query that has not started yet may refuse to be read; an internal error is wrong whenever it comes.
            if (e.SqlState == PostgresErrorCodes.InternalError)
                _internalErrors.Add($"{shape.Name}: {e.MessageText} at '{shape.Query}'");
            return $"{shape.Name}: {e.MessageText}";
        }
        catch (NpgsqlException e)
        {
            return $"{shape.Name}: {e.Message}"; // an engine that learns only now that another one has taken over ends
        }
    }

    private async Task<IReadOnlyList<string>> CheckAsync(ServerProcess server, TcpBrokerClient client)
    {
        RunResult result;
        try
        {
            result = await RunCheck.ReadAsync(client, _shapes, _history);
        }
        catch (InvalidDataException e)
        {
            return [e.Message];
        }

        var anomalies = new List<string>();
        foreach (Shape shape in _shapes)
        {
            anomalies.AddRange(shape.Check(result).Take(ShownOfShape));
            if (shape.Query.Length > 0 && await CompareAsync(server, shape, result) is { } anomaly)
                anomalies.Add(anomaly);
        }

        anomalies.AddRange(_internalErrors);

        Figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Outputs.Values.Sum(static log => log.All.Count()):N0} output records in " +
                $"{result.Outputs.Values.Sum(static log => log.Transactions):N0} transactions");
        return anomalies;
    }
}
