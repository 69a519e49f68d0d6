using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Benchmarks.Pipes;

/// <summary>
/// Whole queries, exactly once, from a preloaded log on disk to a committed result, on one core: the time from CREATE to caught up. Beside
/// each, a loop written by hand over the same bytes in the same run.
/// </summary>
internal static class PipeBenchmark
{
    private const int Runs = 5;
    private const int Records = 4_000_000;
    private const long WindowMs = 10_000;

    internal const string Bids =
        """
        CREATE STREAM bid (auction_id BIGINT KEY, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, ts BIGINT)
          WITH (KAFKA_TOPIC = 'bid', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON', TIMESTAMP = 'ts')
        """;

    private const string Auctions =
        "CREATE TABLE auction (id BIGINT PRIMARY KEY, category BIGINT) WITH (KAFKA_TOPIC = 'auction', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON')";

    /// <summary>
    /// <c>window-count</c>: 100,000 keys, 10-second tumbling COUNT. The log holds four such windows, each of which makes its table; what is
    /// allocated once windows take the tables of those that have gone is measured over windows of four seconds.
    /// </summary>
    public static int WindowCount() => Run(
        "window-count", CountOver(WindowMs / 1000), static log => HandPipe.WindowCount(log, WindowMs), steadyQuery: CountOver(4));

    /// <summary><c>commit-overhead</c>: the same beside a run whose commits are plain appends, in turn.</summary>
    public static int CommitOverhead()
    {
        const int Turns = 3;
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            Process.GetCurrentProcess().ProcessorAffinity = 1;
        var log = BidLog.Create(Records, seed: 1);
        var counts = CountOver(WindowMs / 1000);
        var (once, plain) = (new double[Turns], new double[Turns]);
        for (var turn = 0; turn < Turns; turn++)
        {
            once[turn] = MeasureEngineAsync(log, counts, null, static broker => broker).GetAwaiter().GetResult().Seconds;
            plain[turn] = MeasureEngineAsync(log, counts, null, static broker => new PlainBroker(broker)).GetAwaiter().GetResult().Seconds;
        }

        var ratios = once.Zip(plain, static (with, without) => without / with).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            commit-overhead: window-count, one core, {Turns} turns, medians of {Runs}
              exactly once {log.Records / once.Order().ElementAt(Turns / 2) / 1e6,8:F2} M records/s, plain appends {log.Records / plain.Order().ElementAt(Turns / 2) / 1e6,8:F2} M records/s
              ratio {ratios[0]:F2} to {ratios[^1]:F2}, median {ratios[Turns / 2]:F2}
            """));
        return 0;
    }

    /// <summary><c>filter</c>: JSON log to JSON log, one of 123 bids passes.</summary>
    public static int Filter() => Run(
        "filter",
        "CREATE STREAM result AS SELECT auction_id, price FROM bid WHERE auction_id % 123 = 0 EMIT CHANGES",
        HandPipe.Filter);

    /// <summary><c>join</c>: every bid with a 100,000-row table.</summary>
    public static int Join()
    {
        var (keys, values) = HandPipe.CreateTable();
        return Run(
            "join",
            "CREATE STREAM result AS SELECT b.auction_id AS auction_id, b.price, a.category FROM bid b JOIN auction a ON b.auction_id = a.id EMIT CHANGES",
            log => HandPipe.Join(log, keys, values));
    }

    private static string CountOver(long seconds) =>
        $"""
        CREATE TABLE result AS SELECT auction_id, COUNT(*) AS n FROM bid
          WINDOW TUMBLING (SIZE {seconds} SECONDS, RETENTION {2 * seconds} SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY auction_id EMIT CHANGES
        """;

    private static int Run(string name, string query, Func<BidLog, long> byHand, string? steadyQuery = null)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            Process.GetCurrentProcess().ProcessorAffinity = 1;
        var log = BidLog.Create(Records, seed: 1);
        var hand = Measure(() => byHand(log));
        var engine = MeasureEngineAsync(log, query, steadyQuery, static broker => broker).GetAwaiter().GetResult();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            {name}: {log.Records} records of {log.Bytes / log.Records} bytes, one core, median of {Runs}
              by hand   {log.Records / hand / 1e6,8:F2} M records/s {log.Bytes / hand / 1e6,8:F0} MB/s
              engine    {log.Records / engine.Seconds / 1e6,8:F2} M records/s {log.Bytes / engine.Seconds / 1e6,8:F0} MB/s   ratio {hand / engine.Seconds:F2}
              allocated {engine.BytesPerRecord,8:F2} bytes a record over the whole run, {engine.LateBytesPerRecord:F2} over its last quarter; all threads
            """));
        if (steadyQuery is not null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  allocated {engine.SteadyBytesPerRecord,8:F2} bytes a record in steady state, over windows of four seconds"));
        return 0;
    }

    private static double Measure(Func<long> work)
    {
        work();
        var seconds = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return seconds.Order().ElementAt(Runs / 2);
    }

    private static async Task<EngineFigures> MeasureEngineAsync(
        BidLog log, string query, string? steadyQuery, Func<IBrokerClient, IBrokerClient> through)
    {
        var directory = Directory.CreateTempSubdirectory("streamsql-pipe-");
        try
        {
            await using var host = await BrokerHost.OpenAsync(directory.FullName, new BrokerOptions(), new DiskFileSystem(),
                TimeProvider.System);
            await using var engine = new StreamEngine(
                through(host.Client), BuiltInFunctions.Registry, [], null, new EngineOptions { CommitGroups = 1 }, TimeProvider.System,
                NullLogger<StreamEngine>.Instance);
            await engine.StartAsync(CancellationToken.None);
            await using var session = engine.CreateSession("benchmark", "streamsql");
            await ExecuteAsync(session, Bids);
            await ExecuteAsync(session, Auctions);
            await LoadAsync(host.Client, log);

            var runs = new List<QueryRun>();
            for (var run = -1; run < Runs; run++)
            {
                var figures = await RunQueryAsync(engine, session, query, log.Records);
                if (run >= 0)
                    runs.Add(figures);
            }

            var steady = steadyQuery is null ? default : await RunQueryAsync(engine, session, steadyQuery, log.Records);
            return new(
                runs.Select(static run => run.Seconds).Order().ElementAt(Runs / 2), runs.Average(static run => run.BytesPerRecord),
                runs.Max(static run => run.LateBytesPerRecord), steady.LateBytesPerRecord);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<QueryRun> RunQueryAsync(StreamEngine engine, Session session, string query, int records)
    {
        var before = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        await ExecuteAsync(session, query);
        var (lateBytes, lateRows) = await ReachLastQuarterAsync(engine, records);
        await engine.WaitUntilCaughtUpAsync(CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var allocated = GC.GetTotalAllocatedBytes();
        await ExecuteAsync(session, query.StartsWith("CREATE TABLE",
            StringComparison.Ordinal) ? "DROP TABLE result DELETE TOPIC" : "DROP STREAM result DELETE TOPIC");
        return new(seconds, (double)(allocated - before) / records, (double)(allocated - lateBytes) / Math.Max(1, records - lateRows));
    }

    /// <summary>
    /// Waits until the query has read three quarters of the records; what was allocated by then, and how many rows were read.
    /// </summary>
    private static async Task<(long Allocated, long Rows)> ReachLastQuarterAsync(StreamEngine engine, int records)
    {
        while (engine.Queries.Single().RowsIn is var rows && rows < records * 3L / 4)
            await Task.Delay(1);
        return (GC.GetTotalAllocatedBytes(), engine.Queries.Single().RowsIn);
    }

    private static async Task LoadAsync(IBrokerClient broker, BidLog log)
    {
        using var table = new RecordBatchBuilder();
        for (long key = 1000; key < 1000 + BidLog.Keys; key++)
        {
            var bytes = new byte[sizeof(long)];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, key);
            table.Append(bytes, hasKey: true, System.Text.Encoding.ASCII.GetBytes($"{{\"CATEGORY\":{key * 3}}}"), hasValue: true, 1);
            if (table.Count == 10_000)
            {
                await broker.ProduceAsync(new("auction", 0), table.Build(), CancellationToken.None);
                table.Reset();
            }
        }

        foreach (var batch in log.Batches)
            await broker.ProduceAsync(new("bid", 0), batch.ToArray(), CancellationToken.None);
    }

    private static async Task ExecuteAsync(Session session, string statement)
    {
        var prepared = session.Prepare(session.Parse(statement).Single(), Array.Empty<SqlType?>());
        await using var result = await session.ExecuteAsync(prepared, [], CancellationToken.None);
        while (await result.ReadAsync(CancellationToken.None) is not null)
            continue;
    }

    private readonly record struct QueryRun(double Seconds, double BytesPerRecord, double LateBytesPerRecord);

    private sealed record EngineFigures(double Seconds, double BytesPerRecord, double LateBytesPerRecord, double SteadyBytesPerRecord);
}
