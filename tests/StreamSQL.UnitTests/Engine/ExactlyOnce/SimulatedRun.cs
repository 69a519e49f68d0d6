using StreamSQL.Engine;
using StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>A run of some shapes in this process, with power cuts in between.</summary>
internal sealed class SimulatedRun(int seed, bool snapshots)
{
    private const int ShownOfShape = 3;
    private const int BatchesPerPull = 6;
    private const int BatchesPerAbort = 8;

    private readonly Random _random = new(seed);
    private readonly Dictionary<Shape, HashSet<string>> _pulled = [];

    /// <summary>What is wrong.</summary>
    public List<string> Anomalies { get; } = [];

    /// <summary>What the run did.</summary>
    public string Figures { get; private set; } = "";

    private EngineOptions Options => new()
    {
        Snapshots = new SnapshotOptions { MinGrowthBytes = snapshots ? 1 : long.MaxValue, Interval = TimeSpan.FromMilliseconds(5),
            BytesPerSecond = 64 * 1024 },
    };

    /// <summary>Sends so many batches, cuts the power so many times, and checks.</summary>
    public async Task RunAsync(IReadOnlyList<Shape> shapes, int batches, int powerCuts)
    {
        var history = new History();
        var feed = new InputFeed(_random, history);
        var cuts = Enumerable.Range(0, batches).OrderBy(_ => _random.Next()).Take(powerCuts).ToHashSet();
        var engine = await EngineHarness.StartAsync(options: Options);
        await engine.RunAsync(string.Join(";\n", ShapeCatalog.Statements(shapes)) + ";");
        for (var i = 0; i < batches; i++)
        {
            if (_random.Next(BatchesPerAbort) == 0)
                await SendBesideAbortedAsync(engine, history, feed);
            else
                await SendAsync(engine, history, feed.Next());
            if (_random.Next(BatchesPerPull) == 0)
                await PullAsync(engine, shapes[_random.Next(shapes.Count)]);
            if (cuts.Contains(i))
                engine = await CutAsync(engine);
        }

        await FinishAsync(engine, shapes, history, feed);
    }

    private async Task FinishAsync(EngineHarness engine, IReadOnlyList<Shape> shapes, History history, InputFeed feed)
    {
        await engine.CaughtUpAsync();
        foreach (var topic in InputTopic.All.Where(static topic => !topic.IsTable))
            await SendAsync(engine, history, feed.Closing(topic));
        await engine.CaughtUpAsync();
        Anomalies.AddRange(engine.Engine.Queries.Where(static query => query.LastError is not null)
            .Select(static query => $"{query.Id}: {query.LastError}"));
        var result = await RunCheck.ReadAsync(engine.Broker, shapes, history);
        foreach (var shape in shapes)
        {
            Anomalies.AddRange(shape.Check(result).Take(ShownOfShape));
            if (shape.Query.Length > 0 && RunCheck.Compare(shape, result, await engine.RunAsync(shape.Query)) is { } anomaly)
                Anomalies.Add(anomaly);
        }

        foreach (var (shape, rows) in _pulled)
            Anomalies.AddRange(shape.CheckPulled(result.Outputs[shape.Name], rows).Take(ShownOfShape));
        Figures = $"seed {seed}, {history.Count} rows, {result.Outputs.Values.Sum(static log => log.All.Count())} output records in " +
            $"{result.Outputs.Values.Sum(static log => log.Transactions)} transactions";
        await engine.DisposeAsync();
    }

    /// <summary>Reads a result while its query works.</summary>
    private async Task PullAsync(EngineHarness engine, Shape shape)
    {
        if (shape is not TableShape)
            return;
        if (!_pulled.TryGetValue(shape, out var rows))
            _pulled.Add(shape, rows = []);
        rows.UnionWith((await engine.RunAsync(shape.Query)).Select(static row => row.Replace("null", "", StringComparison.Ordinal)));
    }

    /// <summary>Rows of an aborted transaction stand before and between those that count.</summary>
    private static async Task SendBesideAbortedAsync(EngineHarness engine, History history, InputFeed feed)
    {
        await using var client = new AbortingClient(engine.Host);
        await client.WriteAsync(feed.Next().Poisoned());
        await SendAsync(engine, history, feed.Next());
        await client.AbortAsync();
    }

    private static async Task SendAsync(EngineHarness engine, History history, InputBatch batch)
    {
        foreach (var (partition, records) in batch.Encode())
            await engine.Broker.ProduceAsync(partition, records, CancellationToken.None);
        history.Add(batch);
    }

    private async Task<EngineHarness> CutAsync(EngineHarness engine)
    {
        // Somewhere in what the last batches have started.
        for (var turns = _random.Next(2000); turns > 0; turns--)
            await Task.Yield();
        var disk = engine.Disk.PowerCut();
        await engine.DisposeAsync();
        return await EngineHarness.StartAsync(disk, Options);
    }
}
