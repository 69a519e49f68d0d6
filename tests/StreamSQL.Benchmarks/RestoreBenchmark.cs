using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Benchmarks.Brokers;
using StreamSQL.Benchmarks.Postgres;
using StreamSQL.Broker;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Benchmarks;

/// <summary>
/// A start with a large state: BIGINT -> COUNT over ten million keys, from its changelog and from its snapshot, until a pull query is
/// answered. Beside each a plain read of the same files. Restoring begins when the engine has started. Then the server as a process of its
/// own, from its start to the answer.
/// </summary>
internal static class RestoreBenchmark
{
    private const int Keys = 10_000_000;
    private const int Runs = 3;
    private const int BatchRecords = 20_000;

    private const string Setup =
        """
        CREATE STREAM s (k BIGINT KEY, v BIGINT) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'KAFKA');
        CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;
        """;

    /// <summary>Runs it; 0 unless an answer is wrong. The argument is the path of a published executable, or nothing.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var directory = Directory.CreateTempSubdirectory("streamsql-restore-");
        try
        {
            var changelog = await FillAsync(directory.FullName);
            Console.WriteLine($"restore: {Keys} keys, BIGINT -> COUNT, one partition, median of {Runs}; the files are in the page cache");
            await MeasureAsync("changelog", directory.FullName, changelog);
            await using (var server = await Server.StartAsync(directory.FullName))
            {
                await server.AskAsync();
                await server.Engine.WriteSnapshotsAsync(CancellationToken.None);
            }

            await MeasureAsync("snapshot", directory.FullName, Path.Combine(directory.FullName, "state"));
            MeasureProcess(directory.FullName, args is [var path] ? path : null);
            return 0;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Makes the table, and returns the directory of its changelog.</summary>
    private static async Task<string> FillAsync(string directory)
    {
        await using var server = await Server.StartAsync(directory);
        foreach (var statement in server.Session.Parse(Setup))
            await server.ExecuteAsync(statement);
        using var builder = new RecordBatchBuilder();
        var key = new byte[sizeof(long)];
        for (var i = 0; i < Keys; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(key, i);
            builder.Append(key, true, key, true, 1_700_000_000_000);
            if (builder.Count < BatchRecords)
                continue;
            await server.Broker.Client.ProduceAsync(new("s", 0), builder.Build(), CancellationToken.None);
            builder.Reset();
        }

        await server.Engine.WaitUntilCaughtUpAsync(CancellationToken.None);
        var topics = await server.Broker.Client.GetTopicsAsync(null, CancellationToken.None);
        return Path.Combine(directory, "logs",
            topics.Single(static topic => topic.Name.EndsWith("-changelog", StringComparison.Ordinal)).Id.ToString("N"));
    }

    private static async Task MeasureAsync(string from, string directory, string files)
    {
        var paths = Directory.GetFiles(files, "*", SearchOption.AllDirectories);
        var bytes = paths.Sum(static path => new FileInfo(path).Length);
        var read = new double[Runs];
        var start = new double[Runs];
        var restore = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            read[run] = ReadAll(paths);
            GC.Collect();
            var began = Stopwatch.GetTimestamp();
            await using var server = await Server.StartAsync(directory);
            var started = Stopwatch.GetTimestamp();
            await server.AskAsync();
            start[run] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            restore[run] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        Array.Sort(read);
        Array.Sort(start);
        Array.Sort(restore);
        var seconds = restore[Runs / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
              from {from}: {bytes / 1e6:F0} MB, broker and engine start to answer {start[Runs / 2]:F2} s
                restore {seconds,6:F2} s {Keys / seconds / 1e6,8:F1} M keys/s {bytes / seconds / 1e6,8:F0} MB/s; plain read {bytes / read[Runs / 2] / 1e6:F0} MB/s, ratio {read[Runs / 2] / seconds:F3}
            """));
    }

    private static void MeasureProcess(string directory, string? path)
    {
        var seconds = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            var began = Stopwatch.GetTimestamp();
            using var server = BrokerProcess.StartOn(directory, path);
            using var client = new RawPostgres(server.PostgresPort, "benchmark");
            if (client.Query($"SELECT n FROM counts WHERE k = {Keys - 1}") is not 1 and var rows)
                throw new InvalidOperationException($"{rows} rows for one key");
            seconds[run] = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        Array.Sort(seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  process start to answer, from the snapshot: {seconds[Runs / 2]:F2} s ({seconds[0]:F2} to {seconds[^1]:F2})"));
    }

    private static double ReadAll(string[] paths)
    {
        var buffer = new byte[1 << 20];
        var began = Stopwatch.GetTimestamp();
        foreach (var path in paths)
        {
            using var file = File.OpenHandle(path);
            long offset = 0;
            while (RandomAccess.Read(file, buffer, offset) is var count && count > 0)
                offset += count;
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Broker and engine in one directory.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private Server(BrokerHost broker, StreamEngine engine)
        {
            Broker = broker;
            Engine = engine;
            Session = engine.CreateSession("benchmark", "streamsql");
        }

        public BrokerHost Broker { get; }

        public StreamEngine Engine { get; }

        public Session Session { get; }

        public static async Task<Server> StartAsync(string directory)
        {
            var files = new DiskFileSystem();
            var broker = await BrokerHost.OpenAsync(directory, new BrokerOptions(), files, TimeProvider.System);
            var options = new EngineOptions
                { CommitGroups = 1, Snapshots = new() { Interval = TimeSpan.FromHours(1), BytesPerSecond = 1L << 40 } };
            var engine = new StreamEngine(
                broker.Client, BuiltInFunctions.Registry, [], new StateFiles(files, directory + "/state"), options, TimeProvider.System,
                NullLogger<StreamEngine>.Instance);
            await engine.StartAsync(CancellationToken.None);
            return new Server(broker, engine);
        }

        /// <summary>Asks for one key.</summary>
        public async Task AskAsync()
        {
            var rows = await ExecuteAsync(Session.Parse($"SELECT n FROM counts WHERE k = {Keys - 1}").Single());
            if (rows != 1)
                throw new InvalidOperationException($"{rows} rows for one key");
        }

        public async Task<int> ExecuteAsync(ParsedStatement statement)
        {
            await using var result = await Session.ExecuteAsync(Session.Prepare(statement, Array.Empty<SqlType?>()), [],
                CancellationToken.None);
            var rows = 0;
            while (await result.ReadAsync(CancellationToken.None) is { } batch)
                rows += batch.Selection.Count;
            return rows;
        }

        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync();
            await Engine.DisposeAsync();
            await Broker.DisposeAsync();
        }
    }
}
