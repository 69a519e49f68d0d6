using System.Net;
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

    private readonly BrokerServices _services;
    private readonly IReadOnlyList<KafkaListener> _listeners;

    private EmbeddedBroker(BrokerHost host, BrokerServices services, IReadOnlyList<KafkaListener> listeners, ILogger<KafkaConnectionHandler> logger)
    {
        _host = host;
        _services = services;
        _listeners = listeners;
        Connections = [.. listeners.Select(listener => new KafkaConnectionHandler(services, listener, logger))];
    }

    /// <summary>The engine's way in.</summary>
    public IBrokerClient Client => _host.Client;

    /// <summary>Serve the connections of the Kafka listeners, in the order of the options.</summary>
    public IReadOnlyList<KafkaConnectionHandler> Connections { get; }

    /// <summary>Opens the data directory and recovers it.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    /// <exception cref="InvalidDataException">It was written by a later version, or is damaged.</exception>
    public static async Task<EmbeddedBroker> OpenAsync(ServerOptions options, ILoggerFactory logging, TimeProvider time)
    {
        var settings = new BrokerOptions { NodeId = options.NodeId, Rack = options.Rack };
        var host = await OpenAsync(Path.GetFullPath(options.DataDirectory), settings, time);
        var services = new BrokerServices(host, new KafkaListenerOptions(), time);
        return new(host, services, [.. options.Kafka.Select(ListenerOf)], logging.CreateLogger<KafkaConnectionHandler>());
    }

    /// <summary>Lets the configs <c>listeners</c> and <c>advertised.listeners</c> tell where the listeners are, in the order of the options.</summary>
    public void DescribeListeners(IReadOnlyList<IPEndPoint> addresses) => _services.DescribeListeners([.. _listeners.Zip(addresses)]);

    /// <summary>Closes the log after a clean flush.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static KafkaListener ListenerOf(KafkaEndpoint endpoint) =>
        new(endpoint.Name, endpoint.Advertised?.Host, endpoint.Advertised?.Port ?? 0);

    private static async Task<BrokerHost> OpenAsync(string directory, BrokerOptions options, TimeProvider time)
    {
        try
        {
            return await BrokerHost.OpenAsync(directory, options, new DiskFileSystem(), time);
        }
        catch (Exception error) when (error is (IOException or UnauthorizedAccessException) and not DataDirectoryLockedException)
        {
            throw new IOException($"The data directory {directory} cannot be used: {error.Message}", error);
        }
    }
}
