using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Security;

namespace StreamSQL.Broker.Network;

/// <summary>
/// Serves the Kafka protocol on Kestrel's connections: <c>listen.UseConnectionHandler&lt;KafkaConnectionHandler&gt;()</c>. One object
/// serves all connections of a listener.
/// </summary>
public sealed class KafkaConnectionHandler : ConnectionHandler
{
    private readonly HandlerTable _handlers;
    private readonly KafkaListenerOptions _options;
    private readonly RequestMemory _memory;
    private readonly KafkaListener _listener;
    private readonly ConnectionRegister _connections;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Serves a broker at its only listener, which is named PLAINTEXT and tells clients the address at which they came.</summary>
    /// <param name="services">The broker.</param>
    /// <param name="logger">Where refused and failed requests are logged.</param>
    public KafkaConnectionHandler(BrokerServices services, ILogger<KafkaConnectionHandler> logger)
        : this(services, new KafkaListener("PLAINTEXT"), logger)
    {
    }

    /// <summary>Serves a broker at one of several listeners.</summary>
    /// <param name="services">The broker.</param>
    /// <param name="listener">What clients of this listener are told.</param>
    /// <param name="logger">Where refused and failed requests are logged.</param>
    public KafkaConnectionHandler(BrokerServices services, KafkaListener listener, ILogger<KafkaConnectionHandler> logger)
    {
        _listener = listener;
        _connections = services.Connections;
        _handlers = new HandlerTable(services);
        _options = services.Listener;
        _memory = services.RequestMemory;
        _time = services.Time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // Both a client that has gone and a server that stops end the waits of this connection's requests.
        CancellationToken stopRequested =
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, stopRequested);
        ClientConnection client = Describe(connection, stopping.Token);
        Stream input = connection.Transport.Input.AsStream();
        await using SslStream? tls = _listener.Tls is null ? null : new SslStream(input); // the transport's stream is its socket, both ways
        using var kafka = new KafkaConnection(
            tls ?? input, tls ?? connection.Transport.Output.AsStream(), client, stopping, _handlers, _options, _memory, _time, _logger);
        IPAddress address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!_connections.TryAdd(kafka, address))
        {
            NetworkLog.TooManyConnections(_logger, _listener.Name, address, _connections.Count);
            return;
        }
        try
        {
            if (tls is null || await EncryptsAsync(tls, client))
                await kafka.RunAsync();
        }
        finally
        {
            _connections.Remove(kafka, address);
        }
    }

    /// <summary>Begins TLS; false when the client does not, or takes too long, which the register sees.</summary>
    private async ValueTask<bool> EncryptsAsync(SslStream tls, ClientConnection client)
    {
        try
        {
            await tls.AuthenticateAsServerAsync(_listener.Tls!, client.Stopping);
            return true;
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            NetworkLog.NoTls(_logger, client.Id, _listener.Name, client.ClientHost, e.Message);
            return false;
        }
    }

    private ClientConnection Describe(ConnectionContext connection, CancellationToken stopping)
    {
        var local = connection.LocalEndPoint as IPEndPoint;
        var remote = connection.RemoteEndPoint as IPEndPoint;
        return new ClientConnection(
            connection.ConnectionId,
            $"/{(remote is null ? "unknown" : Text(remote.Address))}",
            _listener.AdvertisedHost ?? (local is null ? "localhost" : Text(local.Address)),
            _listener.AdvertisedPort != 0 ? _listener.AdvertisedPort : local?.Port ?? 0,
            stopping,
            _listener.Sasl is { } sasl ? new SaslSession(sasl) : null);
    }

    private static string Text(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
