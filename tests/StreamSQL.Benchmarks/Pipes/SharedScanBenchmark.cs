using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Storage.Files;

namespace StreamSQL.Benchmarks.Pipes;

/// <summary>
/// 1, 10 and 100 filter queries over one JSON stream, on one core: they exist, the log is filled while the engine is down, and the time
/// counts from the engine's start until all have caught up. So opening 100 queries is in it. Beside it the same without sharing, and the
/// loop written by hand for one query.
/// </summary>
internal static class SharedScanBenchmark
{
    private const int Runs = 3;
    private const int Records = 2_000_000;
    private const int Divisor = 123;

    /// <summary>Runs it; 0 unless a query has read or written the wrong number of rows.</summary>
    public static async Task<int> RunAsync()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            Process.GetCurrentProcess().ProcessorAffinity = 1;
        var log = BidLog.Create(Records, seed: 1);
        var hand = Median(() => Task.FromResult(Time(() => HandPipe.Filter(log)))).GetAwaiter().GetResult();
        Console.WriteLine(
            $"shared-scan: {Records} records of {log.Bytes / log.Records} bytes, one core, median of {Runs}, start of the engine included");
        Print("by hand, 1 query", 1, hand, hand);
        var alone = await Median(() => MeasureAsync(log, 1, shared: true));
        Print("1 query", 1, alone, alone);
        Print("10 queries", 10, await Median(() => MeasureAsync(log, 10, shared: true)), alone);
        Print("100 queries", 100, await Median(() => MeasureAsync(log, 100, shared: true)), alone);
        Print("10 queries, not shared", 10, await Median(() => MeasureAsync(log, 10, shared: false)), alone);
        return 0;
    }

    private static void Print(string name, int queries, double seconds, double alone) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-24}{Records / seconds / 1e6,8:F2} M records/s in, {queries * (Records / seconds) / 1e6,8:F1} M/s by all queries, {seconds / alone,6:F2} times the time of one"));

    private static double Time(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> Median(Func<Task<double>> measure)
    {
        await measure();
        var seconds = new double[Runs];
        for (var run = 0; run < Runs; run++)
            seconds[run] = await measure();
        return seconds.Order().ElementAt(Runs / 2);
    }

    private static async Task<double> MeasureAsync(BidLog log, int queries, bool shared)
    {
        var directory = Directory.CreateTempSubdirectory("streamsql-shared-");
        try
        {
            await FillAsync(directory.FullName, log, queries);
            await using var host = await OpenAsync(directory.FullName);
            var start = Stopwatch.GetTimestamp();
            await using var engine = await StartAsync(host, shared);
            await engine.WaitUntilCaughtUpAsync(CancellationToken.None);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Check(engine, queries);
            return seconds;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Creates the queries and then fills the log. The broker is closed, so that its journal is in the
    /// segments when the time begins to count.
    /// </summary>
    private static async Task FillAsync(string directory, BidLog log, int queries)
    {
        await using var host = await OpenAsync(directory);
        await using (var engine = await StartAsync(host, shared: true))
        {
            await using var session = engine.CreateSession("benchmark", "streamsql");
            await ExecuteAsync(session, PipeBenchmark.Bids);
            for (var i = 0; i < queries; i++)
                await ExecuteAsync(session,
                    $"CREATE STREAM r{i} AS SELECT auction_id, price FROM bid WHERE auction_id % {Divisor} = {i} EMIT CHANGES");
        }

        foreach (var batch in log.Batches)
            await host.Client.ProduceAsync(new("bid", 0), batch.ToArray(), CancellationToken.None);
    }

    private static Task<BrokerHost> OpenAsync(string directory) =>
        BrokerHost.OpenAsync(directory, new BrokerOptions(), new DiskFileSystem(), TimeProvider.System);

    private static void Check(StreamEngine engine, int queries)
    {
        if (engine.Queries.Count != queries
            || engine.Queries.Any(static query => query.RowsIn != Records || query.BadRows != 0 || query.RowsOut == 0))
            throw new InvalidOperationException("a query has not read every record once");
    }

    private static async Task<StreamEngine> StartAsync(BrokerHost host, bool shared)
    {
        var engine = new StreamEngine(
            host.Client, BuiltInFunctions.Registry, [], null, new EngineOptions { CommitGroups = 1, ShareScans = shared },
            TimeProvider.System,
            NullLogger<StreamEngine>.Instance);
        await engine.StartAsync(CancellationToken.None);
        return engine;
    }

    private static async Task ExecuteAsync(Session session, string statement)
    {
        var prepared = session.Prepare(session.Parse(statement).Single(), Array.Empty<SqlType?>());
        await using var result = await session.ExecuteAsync(prepared, [], CancellationToken.None);
        while (await result.ReadAsync(CancellationToken.None) is not null)
            continue;
    }
}
