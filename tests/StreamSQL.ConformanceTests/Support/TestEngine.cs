using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Broker;
using StreamSQL.Connect.Schemas;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Engine;
using StreamSQL.Engine.Sessions;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Functions;
using StreamSQL.Storage.Files;

namespace StreamSQL.ConformanceTests.Support;

/// <summary>The engine on an embedded broker whose files are in memory: everything but the sockets.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private const string DataDirectory = "/data";
    private const string StateDirectory = "/data/state";
    private readonly MemoryFileSystem _files;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerHost _host;

    private TestEngine(
        MemoryFileSystem files, EngineOptions options, TimeProvider time, BrokerHost host, SubjectRegistry registry, StreamEngine engine,
        Session session)
    {
        _files = files;
        _options = options;
        _time = time;
        _host = host;
        Registry = registry;
        Engine = engine;
        Session = session;
    }

    public StreamEngine Engine { get; }

    public SubjectRegistry Registry { get; }

    public Session Session { get; }

    public IBrokerClient Broker => _host.Client;

    public static Task<TestEngine> StartAsync() =>
        StartAsync(new EngineOptions { Restarts = QueryRestartOptions.Never }, TimeProvider.System);

    /// <summary>Starts one with options and a clock of its own.</summary>
    public static Task<TestEngine> StartAsync(EngineOptions options, TimeProvider time) =>
        StartAsync(new MemoryFileSystem(), options, time);

    /// <summary>Stops the engine and starts another one on the same files.</summary>
    public async Task<TestEngine> RestartAsync()
    {
        await DisposeAsync();
        return await StartAsync(_files, _options, _time);
    }

    /// <summary>Cuts the power and starts another one on what was durable.</summary>
    public async Task<TestEngine> CrashAsync()
    {
        var left = _files.PowerCut();
        await DisposeAsync();
        return await StartAsync(left, _options, _time);
    }

    /// <summary>Runs the statements of a script.</summary>
    public async Task ExecuteAsync(string script)
    {
        foreach (var statement in Session.Parse(script))
            await ReadAsync(statement);
    }

    /// <summary>Runs one query; each row as its values' text, separated by bars.</summary>
    public async Task<string[]> QueryAsync(string query) => [.. await ReadAsync(Session.Parse(query).Single())];

    /// <summary>Appends records in order, each to the partition of its key, as one transaction.</summary>
    public static async Task ProduceAsync(ITransactionalProducer producer, string topic, int partitions,
        IEnumerable<(string Key, string Value)> records)
    {
        var builders = new RecordBatchBuilder[partitions];
        for (var i = 0; i < partitions; i++)
            builders[i] = new RecordBatchBuilder();
        foreach (var (key, value) in records)
        {
            var bytes = Encoding.UTF8.GetBytes(key);
            builders[KeyPartitioner.PartitionOf(bytes, partitions)].Append(bytes, hasKey: true, Encoding.UTF8.GetBytes(value),
                hasValue: true, 0);
        }

        var batches = builders.Select((builder, partition) => (builder, partition)).Where(static pair => pair.builder.Count > 0)
            .Select(pair => new PartitionBatch(new(topic, pair.partition), pair.builder.Build())).ToArray();
        await producer.CommitAsync(new(batches, null, []), CancellationToken.None);
        foreach (var builder in builders)
            builder.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Engine.DisposeAsync();
        Registry.Dispose();
        await _host.DisposeAsync();
    }

    private static async Task<TestEngine> StartAsync(MemoryFileSystem files, EngineOptions options, TimeProvider time)
    {
        var broker = new BrokerOptions();
        broker = broker with { Storage = broker.Storage with { Journal = new() { FileBytes = 1 << 20, FirstFileBytes = 1 << 16 } } };
        var host = await BrokerHost.OpenAsync(DataDirectory, broker, files, time);
        var registry = await SubjectRegistry.OpenAsync(host.Client, replicationFactor: 1, time, CancellationToken.None);
        var engine = new StreamEngine(
            host.Client, BuiltInFunctions.Registry, SystemCatalog.Relations, new StateFiles(files, StateDirectory), options, time,
            NullLogger<StreamEngine>.Instance)
        {
            SessionFunctions = SessionFunctions.Find,
            Schemas = new EmbeddedSchemaRegistry(registry),
        };
        await engine.StartAsync(CancellationToken.None);
        return new(files, options, time, host, registry, engine, engine.CreateSession("test", "streamsql"));
    }

    private async Task<List<string>> ReadAsync(ParsedStatement statement)
    {
        var prepared = Session.Prepare(statement, []);
        await using var result = await Session.ExecuteAsync(prepared, [], CancellationToken.None);
        var rows = new List<string>();
        while (await result.ReadAsync(CancellationToken.None) is { } batch)
        {
            for (var i = 0; i < batch.Selection.Count; i++)
                rows.Add(FormatRow(batch, batch.Selection[i]));
        }

        return rows;
    }

    private static string FormatRow(ChangeBatch batch, int row) =>
        string.Join('|', batch.Columns.Select(column => FormatValue(column, row)));

    private static string FormatValue(Column column, int row) => ColumnReader.Read(column, row) switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Int128 unscaled => (decimal)unscaled / (decimal)Math.Pow(10, column.Type.Scale) is var value
            ? value.ToString(CultureInfo.InvariantCulture) : "",
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        var value => value.ToString()!,
    };
}
