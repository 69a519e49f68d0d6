using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Data.Functions;
using StreamSQL.Engine;
using StreamSQL.Kafka.Client;
using StreamSQL.Postgres;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Connections;
using StreamSQL.Postgres.Functions;
using StreamSQL.Server.Http;
using StreamSQL.Server.Options;
using StreamSQL.Storage.Files;

namespace StreamSQL.Server.Hosting;

/// <summary>Everything that runs: the broker on its data directory, the engine on the broker, the listeners in front of both.</summary>
public sealed class StreamSqlServer : IAsyncDisposable
{
    private readonly BrokerHost _broker;
    private readonly Listeners _listeners;

    private StreamSqlServer(BrokerHost broker, StreamEngine engine, Listeners listeners)
    {
        _broker = broker;
        Engine = engine;
        _listeners = listeners;
    }

    /// <summary>The broker, as the engine uses it.</summary>
    public IBrokerClient Broker => _broker.Client;

    /// <summary>The engine.</summary>
    public StreamEngine Engine { get; }

    /// <summary>Where Kafka clients connect.</summary>
    public IPEndPoint Kafka => _listeners.Kafka;

    /// <summary>Where Postgres clients connect.</summary>
    public IPEndPoint Postgres => _listeners.Postgres;

    /// <summary>Where HTTP clients connect.</summary>
    public IPEndPoint Http => _listeners.Http;

    /// <summary>Starts the server; it answers when this returns.</summary>
    /// <exception cref="IOException">The data directory or an address cannot be used.</exception>
    /// <exception cref="InvalidDataException">The data directory was written by a later version, or is damaged.</exception>
    public static async Task<StreamSqlServer> StartAsync(ServerOptions options, ILoggerFactory logging, TimeProvider time, CancellationToken cancellation)
    {
        var broker = await OpenBrokerAsync(Path.GetFullPath(options.DataDirectory), time);
        var kafka = new BrokerServices(broker, CreateListenerOptions(options), time);
        var engine = new StreamEngine(
            broker.Client, BuiltInFunctions.Registry, SystemCatalog.Relations, new EngineOptions(), time, logging.CreateLogger<StreamEngine>())
        {
            SessionFunctions = SessionFunctions.Find,
        };
        try
        {
            await engine.StartAsync(cancellation);
            var postgres = new PostgresConnectionHandler(
                engine, new PostgresOptions { TrustRemoteClients = options.InsecurePublic }, time, logging.CreateLogger<PostgresConnectionHandler>());
            var listeners = await Listeners.StartAsync(
                options, new KafkaConnectionHandler(kafka, logging.CreateLogger<KafkaConnectionHandler>()), postgres, new HttpEndpoints(engine).Map, logging,
                cancellation);
            return new(broker, engine, listeners);
        }
        catch
        {
            await engine.DisposeAsync();
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops in order: clients, queries after a last commit, the log after a clean flush.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listeners.DisposeAsync();
        await Engine.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private static async Task<BrokerHost> OpenBrokerAsync(string directory, TimeProvider time)
    {
        try
        {
            return await BrokerHost.OpenAsync(directory, new BrokerOptions(), new DiskFileSystem(), time);
        }
        catch (Exception error) when (error is (IOException or UnauthorizedAccessException) and not DataDirectoryLockedException)
        {
            throw new IOException($"The data directory {directory} cannot be used: {error.Message}", error);
        }
    }

    private static KafkaListenerOptions CreateListenerOptions(ServerOptions options) => new()
    {
        AdvertisedHost = options.KafkaAdvertised?.Host,
        AdvertisedPort = options.KafkaAdvertised?.Port ?? 0,
    };
}
