using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Broker.Topics;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Functions;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Journal;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>A whole engine over an embedded broker in memory, driven by SQL text.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>A query that fails stays so, to be looked at.</summary>
    private static readonly EngineOptions s_options = new() { Restarts = QueryRestartOptions.Never };

    /// <summary>Where the engine keeps its snapshots.</summary>
    public const string StateDirectory = "data/state";

    private readonly MemoryFileSystem _disk;
    private readonly BrokerHost _broker;

    private EngineHarness(MemoryFileSystem disk, BrokerHost broker, SubjectRegistry registry, StreamEngine engine)
    {
        _disk = disk;
        _broker = broker;
        Registry = registry;
        Engine = engine;
        Session = engine.CreateSession("tester", "streamsql");
    }

    public StreamEngine Engine { get; }

    /// <summary>The schema registry that the engine uses.</summary>
    public SubjectRegistry Registry { get; }

    public Session Session { get; }

    public IBrokerClient Broker => _broker.Client;

    /// <summary>The broker, for clients of its protocol.</summary>
    public BrokerHost Host => _broker;

    /// <summary>The disk that broker and engine are on.</summary>
    public MemoryFileSystem Disk => _disk;

    public static async Task<EngineHarness> StartAsync(
        MemoryFileSystem? disk = null, EngineOptions? options = null, ILogger<StreamEngine>? logger = null, ISchemaRegistry? schemas = null,
        Func<IBrokerClient, IBrokerClient>? through = null, bool withCatalog = false)
    {
        disk ??= new MemoryFileSystem();
        var brokerOptions = new BrokerOptions();
        var storage = brokerOptions.Storage with { Journal = new JournalOptions { FileBytes = 1024 * 1024, FirstFileBytes = 64 * 1024 } };
        brokerOptions = brokerOptions with { Storage = storage, Topics = new TopicDefaults { InternalPartitions = 3 } };
        var broker = await BrokerHost.OpenAsync("data", brokerOptions, disk, TimeProvider.System);
        var registry = await SubjectRegistry.OpenAsync(broker.Client, replicationFactor: 1, TimeProvider.System, CancellationToken.None);
        var engine = await StartEngineAsync(through?.Invoke(broker.Client) ?? broker.Client, new StateFiles(disk, StateDirectory), options,
            logger, schemas ?? new EmbeddedSchemaRegistry(registry), withCatalog);
        return new EngineHarness(disk, broker, registry, engine);
    }

    /// <summary>Starts another engine on the same broker, as if this one were thought to be dead. The caller disposes it.</summary>
    public Task<StreamEngine> StartRivalAsync() =>
        StartEngineAsync(Broker, new StateFiles(_disk, "data/rival"), options: null, logger: null, new EmbeddedSchemaRegistry(Registry));

    private static async Task<StreamEngine> StartEngineAsync(
        IBrokerClient broker, StateFiles files, EngineOptions? options, ILogger<StreamEngine>? logger, ISchemaRegistry schemas,
        bool withCatalog = false)
    {
        var engine = new StreamEngine(
            broker, BuiltInFunctions.Registry, withCatalog ? SystemCatalog.Relations : [], files, options ?? s_options, TimeProvider.System,
            logger ?? NullLogger<StreamEngine>.Instance)
        {
            Schemas = schemas,
            SessionFunctions = withCatalog ? SessionFunctions.Find : null,
        };
        await engine.StartAsync(CancellationToken.None);
        return engine;
    }

    /// <summary>Runs all statements of a script and gives the rows of the last, values joined by <c>|</c>.</summary>
    public Task<List<string>> RunAsync(string script) => RunAsync(Session, script);

    public static async Task<List<string>> RunAsync(Session session, string script)
    {
        var rows = new List<string>();
        foreach (var statement in session.Parse(script))
        {
            rows.Clear();
            await using var result = await ExecuteAsync(session, statement);
            using var patience = new CancellationTokenSource(s_patience);
            while (await result.ReadAsync(patience.Token) is { } batch)
                rows.AddRange(Rows(batch));
        }

        return rows;
    }

    /// <summary>Starts a statement and leaves its result to the caller.</summary>
    public async Task<StatementResult> OpenAsync(string sql) => await ExecuteAsync(Session, Session.Parse(sql).Single());

    /// <summary>The same in a session.</summary>
    public static async Task<StatementResult> OpenAsync(Session session, string sql) =>
        await ExecuteAsync(session, session.Parse(sql).Single());

    /// <summary>Waits for so many rows of a continuous result.</summary>
    public static async Task<List<string>> TakeAsync(StatementResult result, int count)
    {
        var rows = new List<string>();
        using var patience = new CancellationTokenSource(s_patience);
        while (rows.Count < count && await result.ReadAsync(patience.Token) is { } batch)
            rows.AddRange(Rows(batch));
        return rows;
    }

    /// <summary>Appends records to their keys' partitions, in order, one record batch per partition.</summary>
    public Task ProduceAsync(string topic, int partitions, IEnumerable<(string Key, string Value, long Time)> records) =>
        ProduceRowsAsync(topic, partitions, records.Select(static record => (record.Key, (string?)record.Value, record.Time)));

    /// <summary>The same with tombstones: records without a value.</summary>
    public async Task ProduceRowsAsync(string topic, int partitions, IEnumerable<(string Key, string? Value, long Time)> records)
    {
        var builders = Enumerable.Range(0, partitions).Select(static _ => new RecordBatchBuilder()).ToArray();
        foreach (var (key, value, time) in records)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(key);
            builders[KeyPartitioner.PartitionOf(bytes, partitions)].Append(bytes, true,
                value is null ? null : System.Text.Encoding.UTF8.GetBytes(value), value is not null, time);
        }

        for (var i = 0; i < partitions; i++)
        {
            if (builders[i].Count > 0)
                await Broker.ProduceAsync(new TopicPartition(topic, i), builders[i].Build(), CancellationToken.None);
        }
    }

    public async Task CaughtUpAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        await Engine.WaitUntilCaughtUpAsync(patience.Token);
    }

    /// <summary>Cuts the power, without any farewell, and starts again on what was durable.</summary>
    public Task<EngineHarness> CrashAsync() => StartAsync(_disk.PowerCut());

    /// <summary>Stops in order, and starts again.</summary>
    public async Task<EngineHarness> RestartAsync()
    {
        await DisposeAsync();
        return await StartAsync(_disk);
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Engine.DisposeAsync();
        Registry.Dispose();
        await _broker.DisposeAsync();
    }

    private static async Task<StatementResult> ExecuteAsync(Session session, ParsedStatement statement)
    {
        using var patience = new CancellationTokenSource(s_patience);
        return await session.ExecuteAsync(session.Prepare(statement, []), [], patience.Token);
    }

    private static IEnumerable<string> Rows(ChangeBatch batch)
    {
        for (var i = 0; i < batch.Selection.Count; i++)
        {
            var row = batch.Selection[i];
            yield return string.Join('|', batch.Columns.Select(column => ColumnText.ToText(column, row, TextStyle.Postgres) ?? "null"));
        }
    }
}
