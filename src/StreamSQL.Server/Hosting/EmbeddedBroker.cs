using Microsoft.Extensions.Logging;
using StreamSQL.Broker;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka.Client;
using StreamSQL.Server.Options;
using StreamSQL.Storage.Files;

namespace StreamSQL.Server.Hosting;

/// <summary>The broker of this process on its data directory, and what answers its Kafka clients.</summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly BrokerHost _host;

    private EmbeddedBroker(BrokerHost host, BrokerServices services, ILogger<KafkaConnectionHandler> logger)
    {
        _host = host;
        Connections = new KafkaConnectionHandler(services, logger);
    }

    /// <summary>The engine's way in.</summary>
    public IBrokerClient Client => _host.Client;

    /// <summary>Serves the Kafka listener's connections.</summary>
    public KafkaConnectionHandler Connections { get; }

    /// <summary>Opens the data directory and recovers it.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    /// <exception cref="InvalidDataException">It was written by a later version, or is damaged.</exception>
    public static async Task<EmbeddedBroker> OpenAsync(ServerOptions options, ILoggerFactory logging, TimeProvider time)
    {
        var host = await OpenAsync(Path.GetFullPath(options.DataDirectory), time);
        var listener = new KafkaListenerOptions
        {
            AdvertisedHost = options.KafkaAdvertised?.Host,
            AdvertisedPort = options.KafkaAdvertised?.Port ?? 0,
        };
        return new(host, new BrokerServices(host, listener, time), logging.CreateLogger<KafkaConnectionHandler>());
    }

    /// <summary>Closes the log after a clean flush.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static async Task<BrokerHost> OpenAsync(string directory, TimeProvider time)
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
}
