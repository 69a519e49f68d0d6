using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Data.Schemas;
using StreamSQL.Engine;
using StreamSQL.Engine.Leases;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Client.Tcp;
using StreamSQL.Postgres;
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
    private readonly EngineTurn? _turn;
    private readonly SharedTurn? _shared;
    private readonly SchemaRegistries _schemas;
    private readonly Listeners _listeners;

    private StreamSqlServer(
        EmbeddedBroker? embedded, IBrokerClient broker, EndPoint kafka, EngineTurn? turn, SharedTurn? shared, SchemaRegistries schemas,
        StreamEngine engine, Listeners listeners)
    {
        _embedded = embedded;
        Broker = broker;
        _kafka = kafka;
        _turn = turn;
        _shared = shared;
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

    /// <summary>
    /// Ends when another engine has taken over the queries of a shared broker: this one can commit nothing any more, and should end.
    /// </summary>
    public Task Deposed => _shared?.Deposed ?? _turn?.Lease.Lost ?? Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>
    /// Starts the server; it answers when this returns. Where engines share a broker it waits until none of the others runs the queries,
    /// and meanwhile tells clients of SQL where to go.
    /// </summary>
    /// <exception cref="IOException">The data directory or an address cannot be used.</exception>
    /// <exception cref="InvalidDataException">The data directory was written by a later version, or is damaged.</exception>
    /// <exception cref="Kafka.KafkaException">The Kafka cluster cannot be reached, or refuses.</exception>
    public static async Task<StreamSqlServer> StartAsync(ServerOptions options, ILoggerFactory logging, TimeProvider time,
        CancellationToken cancellation)
    {
        var opening = Task.Run(() => Listeners.OpenAsync(options, logging, cancellation), cancellation);
        var vocabulary = Vocabulary.LoadAsync(); // while the broker waits for the disk
        EmbeddedBroker? embedded = null;
        IBrokerClient? broker = null;
        EngineTurn? turn = null;
        SharedTurn? shared = null;
        SchemaRegistries? schemas = null;
        StreamEngine? engine = null;
        try
        {
            embedded = options.KafkaBootstrap.Count == 0 ? await EmbeddedBroker.OpenAsync(options, logging, time) : null;
            broker = embedded?.Client ?? new TcpBrokerClient(new TcpClientOptions { Bootstrap = options.KafkaBootstrap }, time);
            var access = PostgresAccess.Prepare(options, time);
            if (options.SharesQueries)
                shared = await OpenSharedAsync(options, embedded, broker, await opening, logging, time, cancellation);
            else if (options.SharesBroker)
                turn = await WaitForTurnAsync(options, embedded, broker, await opening, access, logging, time, cancellation);
            schemas = await SchemaRegistries.OpenAsync(options, broker, time, cancellation);
            engine = CreateEngine(options, broker, turn?.Lease, shared, await vocabulary, schemas.Registry, logging, time);
            var listeners = await opening; // before the queries start: a process that cannot be reached shall not run them
            embedded?.DescribeListeners(listeners.Kafka);
            await engine.StartAsync(cancellation);
            if (shared is null || shared.Lease is not null)
                await PostgresAccess.EnsureSuperuserAsync(options, engine, cancellation);
            shared?.Serve(engine);
            if (embedded is not null)
            {
                embedded.Access.Roles = () => engine.Catalog.Roles;
                embedded.SetUsers(new KafkaUsers(engine, access.Rules).Directory);
            }

            var postgres = new PostgresConnectionHandler(engine, access, time, logging.CreateLogger<PostgresConnectionHandler>());
            listeners.Gates.OpenKafka(embedded?.Connections ?? []);
            listeners.Gates.Open(new(postgres, engine, schemas.Own));
            return new(embedded, broker, KafkaOf(options, listeners), turn, shared, schemas, engine, listeners);
        }
        catch
        {
            await CloseAsync(opening);
            if (shared is not null)
                await shared.StopWaitingAsync();
            if (engine is not null)
                await engine.DisposeAsync();
            if (turn is not null)
                await turn.DisposeAsync();
            if (shared is not null)
                await shared.DisposeAsync();
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
        if (_shared is not null)
            await _shared.StopWaitingAsync();
        await Engine.DisposeAsync();
        if (_turn is not null)
            await _turn.DisposeAsync();
        if (_shared is not null)
            await _shared.DisposeAsync();
        _schemas.Dispose();
        await Broker.DisposeAsync();
        if (_embedded is not null)
            await _embedded.DisposeAsync();
    }

    /// <summary>Other engines reach a broker in this process while it is their turn.</summary>
    private static Task<EngineTurn> WaitForTurnAsync(
        ServerOptions options, EmbeddedBroker? embedded, IBrokerClient broker, Listeners listeners, PostgresOptions access,
        ILoggerFactory logging, TimeProvider time, CancellationToken cancellation)
    {
        OpenKafka(embedded, listeners);
        return EngineTurn.WaitAsync(options, broker, KafkaOf(options, listeners), listeners, access, logging, time, cancellation);
    }

    private static Task<SharedTurn> OpenSharedAsync(
        ServerOptions options, EmbeddedBroker? embedded, IBrokerClient broker, Listeners listeners, ILoggerFactory logging,
        TimeProvider time, CancellationToken cancellation)
    {
        OpenKafka(embedded, listeners);
        return SharedTurn.OpenAsync(
            options, broker, EngineTurn.LeaseOptionsOf(options, listeners.Postgres), logging, time, cancellation);
    }

    private static void OpenKafka(EmbeddedBroker? embedded, Listeners listeners)
    {
        if (embedded is null)
            return;
        embedded.DescribeListeners(listeners.Kafka);
        listeners.Gates.OpenKafka(embedded.Connections);
    }

    private static EndPoint KafkaOf(ServerOptions options, Listeners listeners) =>
        options.KafkaBootstrap.Count > 0 ? options.KafkaBootstrap[0] : listeners.Kafka[0];

    private static StreamEngine CreateEngine(
        ServerOptions options, IBrokerClient broker, EngineLease? lease, SharedTurn? shared, Vocabulary vocabulary,
        ISchemaRegistry? schemas, ILoggerFactory logging, TimeProvider time) => new(
        broker, vocabulary.Functions, vocabulary.Relations, StateFilesOf(options),
        new EngineOptions { ReplicationFactor = options.ReplicationFactor }, time, logging.CreateLogger<StreamEngine>())
    {
        Lease = lease ?? shared?.Lease,
        Sharing = shared?.Sharing,
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

    private static StateFiles StateFilesOf(ServerOptions options) =>
        new(new DiskFileSystem(), Path.GetFullPath(options.DataDirectory) + "/state");
}
