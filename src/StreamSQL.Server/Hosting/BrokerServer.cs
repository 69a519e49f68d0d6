using Microsoft.Extensions.Logging;
using StreamSQL.Engine.Leases;
using StreamSQL.Kafka;
using StreamSQL.Postgres.Connections;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>A broker for engines in other processes: it runs no queries, and tells clients of SQL where the engine is that does.</summary>
internal sealed partial class BrokerServer : IAsyncDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private readonly EmbeddedBroker _broker;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private string _engine = "";
    private Task _watching = Task.CompletedTask;

    private BrokerServer(EmbeddedBroker broker, Listeners listeners, TimeProvider time, ILogger logger)
    {
        _broker = broker;
        Listeners = listeners;
        _time = time;
        _logger = logger;
    }

    /// <summary>Where it listens.</summary>
    public Listeners Listeners { get; }

    /// <summary>Starts it; it answers when this returns.</summary>
    /// <exception cref="IOException">The data directory or an address cannot be used.</exception>
    /// <exception cref="InvalidDataException">The data directory was written by a later version, or is damaged.</exception>
    public static async Task<BrokerServer> StartAsync(
        ServerOptions options, ILoggerFactory logging, TimeProvider time, CancellationToken cancellation)
    {
        var broker = await EmbeddedBroker.OpenAsync(options, logging, time);
        try
        {
            var access = PostgresAccess.Prepare(options, time);
            var listeners = await Listeners.OpenAsync(options, logging, cancellation);
            var server = new BrokerServer(broker, listeners, time, logging.CreateLogger<BrokerServer>());
            broker.DescribeListeners(listeners.Kafka);
            listeners.Gates.OpenKafka(broker.Connections);
            listeners.Gates.StandBy(new StandbyConnectionHandler(
                () => Volatile.Read(ref server._engine), access, time, logging.CreateLogger<StandbyConnectionHandler>()));
            server._watching = server.WatchAsync(server._stop.Token);
            return server;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Listeners.DisposeAsync();
        await _watching;
        await _broker.DisposeAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        try
        {
            using var watch = await LeaseWatch.OpenAsync(_broker.Client, replicationFactor: 1, _time, stop);
            while (true)
            {
                Volatile.Write(ref _engine, watch.Last is { IsReleased: false } holder ? holder.Address : "");
                await watch.ReadAsync(Wait, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It stops.
        }
        catch (Exception error) when (error is KafkaException or InvalidDataException)
        {
            LogBlind(_logger, error.Message); // clients are then not told where
        }
    }

    [LoggerMessage(1, LogLevel.Error, "It cannot be seen which engine answers SQL: {Reason}")]
    private static partial void LogBlind(ILogger logger, string reason);
}
