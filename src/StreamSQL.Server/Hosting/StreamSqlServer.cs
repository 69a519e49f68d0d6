using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Connections;
using StreamSQL.Postgres.Functions;
using StreamSQL.Server.Options;
using StreamSQL.Storage.Files;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// Everything that runs: the broker on its data directory, or the way to a Kafka cluster; the engine on it; the listeners in front.
/// </summary>
public sealed class StreamSqlServer : IAsyncDisposable
{
    private readonly EmbeddedBroker? _embedded;
    private readonly EndPoint _kafka;
    private readonly SchemaRegistries _schemas;
    private readonly Listeners _listeners;

    private StreamSqlServer(
        EmbeddedBroker? embedded, IBrokerClient broker, EndPoint kafka, SchemaRegistries schemas, StreamEngine engine, Listeners listeners)
    {
        _embedded = embedded;
        Broker = broker;
        _kafka = kafka;
        _schemas = schemas;
        Engine = engine;
        _listeners = listeners;
    }

    /// <summary>The broker or the cluster, as the engine uses it.</summary>
    public IBrokerClient Broker { get; }

    /// <summary>The engine.</summary>
    public StreamEngine Engine { get; }

    /// <summary>Where Kafka clients connect: to this process, or to the cluster that it works on.</summary>
    public EndPoint Kafka => _kafka;

    /// <summary>Where Postgres clients connect.</summary>
    public IPEndPoint Postgres => _listeners.Postgres;

    /// <summary>Where HTTP clients connect.</summary>
    public IPEndPoint Http => _listeners.Http;

    /// <summary>Starts the server; it answers when this returns.</summary>
    /// <exception cref="IOException">The data directory or an address cannot be used.</exception>
    /// <exception cref="InvalidDataException">The data directory was written by a later version, or is damaged.</exception>
    /// <exception cref="Kafka.KafkaException">The Kafka cluster cannot be reached, or refuses.</exception>
    public static async Task<StreamSqlServer> StartAsync(ServerOptions options, ILoggerFactory logging, TimeProvider time, CancellationToken cancellation)
    {
        var opening = Task.Run(() => Listeners.OpenAsync(options, logging, cancellation), cancellation);
        EmbeddedBroker? embedded = null;
        IBrokerClient? broker = null;
        SchemaRegistries? schemas = null;
        StreamEngine? engine = null;
        try
        {
            embedded = options.KafkaBootstrap.Count == 0 ? await EmbeddedBroker.OpenAsync(options, logging, time) : null;
            broker = embedded?.Client ?? new TcpBrokerClient(new TcpClientOptions { Bootstrap = options.KafkaBootstrap }, time);
            schemas = await SchemaRegistries.OpenAsync(options, broker, time, cancellation);
            engine = CreateEngine(options, broker, schemas.Registry, logging, time);
            var listeners = await opening; // before the queries start: a process that cannot be reached shall not run them
            embedded?.DescribeListeners(listeners.Kafka);
            await engine.StartAsync(cancellation);
            var access = await PostgresAccess.PrepareAsync(options, engine, time, cancellation);
            var postgres = new PostgresConnectionHandler(engine, access, time, logging.CreateLogger<PostgresConnectionHandler>());
            listeners.Serve(new(embedded?.Connections ?? [], postgres, engine, schemas.Own));
            return new(embedded, broker, embedded is null ? options.KafkaBootstrap[0] : listeners.Kafka[0], schemas, engine, listeners);
        }
        catch
        {
            await CloseAsync(opening);
            if (engine is not null)
                await engine.DisposeAsync();
            schemas?.Dispose();
            if (broker is not null)
                await broker.DisposeAsync();
            if (embedded is not null)
                await embedded.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops in order: clients, queries after a last commit, the way to the broker, the log after a clean flush.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listeners.DisposeAsync();
        await Engine.DisposeAsync();
        _schemas.Dispose();
        await Broker.DisposeAsync();
        if (_embedded is not null)
            await _embedded.DisposeAsync();
    }

    private static StreamEngine CreateEngine(
        ServerOptions options, IBrokerClient broker, ISchemaRegistry schemas, ILoggerFactory logging, TimeProvider time) => new(
        broker, BuiltInFunctions.Registry, SystemCatalog.Relations, StateFilesOf(options), CreateEngineOptions(options), time,
        logging.CreateLogger<StreamEngine>())
    {
        SessionFunctions = SessionFunctions.Find,
        Schemas = schemas,
    };

    /// <summary>Closes listeners that may still be opening; that they could not be opened is told by whoever waits for them.</summary>
    private static async Task CloseAsync(Task<Listeners> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
            await opening.Result.DisposeAsync();
    }

    // A cluster decides itself how many replicas a topic gets.
    private static EngineOptions CreateEngineOptions(ServerOptions options) =>
        options.KafkaBootstrap.Count == 0 ? new EngineOptions() : new EngineOptions { ReplicationFactor = -1 };

    private static StateFiles StateFilesOf(ServerOptions options) => new(new DiskFileSystem(), Path.GetFullPath(options.DataDirectory) + "/state");
}
