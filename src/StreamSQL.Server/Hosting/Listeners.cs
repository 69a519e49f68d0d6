using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker.Network;
using StreamSQL.Postgres.Transport;
using StreamSQL.Server.Http;
using StreamSQL.Server.Options;
using MakeOptions = Microsoft.Extensions.Options.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// The listeners, on one Kestrel: Postgres, HTTP and, in front of an embedded broker, Kafka. They open while the log is still being
/// recovered, since loading Kestrel takes as long; who connects before the <see cref="Gates"/> open waits for it. HTTP answers at once, and
/// says that the server is starting.
/// Kestrel is made with plain <c>new</c>: a host, with its container and its configuration, would take longer to load than Kestrel.
/// </summary>
internal sealed class Listeners : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private readonly KestrelServer _server;

    private Listeners(KestrelServer server, Gates gates, List<ListenOptions> bound)
    {
        _server = server;
        Gates = gates;
        (Postgres, Http) = (AddressOf(bound[0]), AddressOf(bound[1]));
        Kafka = bound[2..].ConvertAll(AddressOf);
    }

    /// <summary>Whom the listeners let in.</summary>
    public Gates Gates { get; }

    /// <summary>Where Kafka clients connect, in the order of the options; empty when this process is no broker.</summary>
    public IReadOnlyList<IPEndPoint> Kafka { get; }

    /// <summary>Where Postgres clients connect.</summary>
    public IPEndPoint Postgres { get; }

    /// <summary>Where HTTP clients connect.</summary>
    public IPEndPoint Http { get; }

    /// <summary>Opens the listeners.</summary>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<Listeners> OpenAsync(ServerOptions options, ILoggerFactory logging, CancellationToken cancellation)
    {
        var gates = new Gates();
        var bound = new List<ListenOptions>();
        var server = CreateServer(options, gates, bound, logging);
        try
        {
            await server.StartAsync(new HttpApplication(gates, options.IsBrokerOnly, logging), cancellation);
            return new(server, gates, bound);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Stops accepting, lets connections end, and closes those that do not.</summary>
    public async ValueTask DisposeAsync()
    {
        Gates.Close();
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _server.StopAsync(timeout.Token);
        _server.Dispose();
    }

    /// <summary>Makes the server, and lists its end points, which know their addresses once it has started.</summary>
    private static KestrelServer CreateServer(ServerOptions options, Gates gates, List<ListenOptions> endpoints, ILoggerFactory logging)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        var postgres = LoopTransport.IsSupported ? new LoopEndPoint(options.Postgres) : options.Postgres;
        Listen(postgres, listen => Pass(listen, gates.PostgresAsync));
        Listen(options.Http, static listen => listen.Protocols = HttpProtocols.Http1);
        var kafka = options.KafkaBootstrap.Count == 0 ? options.Kafka : [];
        foreach (var (index, endpoint) in kafka.Index())
            Listen(new SocketEndPoint(endpoint.Address), listen => Pass(listen, gone => gates.KafkaAsync(index, gone)));
        // Postgres, where it has no transport of its own: without a change of threads between socket and session, since a wake-up costs
        // more than a look-up. What takes long leaves the thread itself.
        var inline = new SocketTransportOptions { UnsafePreferInlineScheduling = true };
        IConnectionListenerFactory[] transports =
        [
            new SocketTransport(TimeProvider.System), new LoopTransport(TimeProvider.System),
            new SocketTransportFactory(MakeOptions.Create(inline), logging),
        ];
        var free = new SemaphoreSlim(DescriptorLimit.Read().Connections);
        return new(MakeOptions.Create(kestrel), new BoundedTransport(transports, free), logging);

        void Listen(IPEndPoint address, Action<ListenOptions> configure) => kestrel.Listen(address, listen =>
        {
            endpoints.Add(listen);
            configure(listen);
        });
    }

    private static void Pass(ListenOptions listen, Func<CancellationToken, Task<ConnectionHandler>> handler) =>
        listen.Run(async connection =>
        {
            if (await WaitAsync(handler, connection) is { } open)
                await open.OnConnectedAsync(connection);
        });

    /// <summary>Null when the client has gone, or the server stops, before it is ready.</summary>
    private static async Task<ConnectionHandler?> WaitAsync(
        Func<CancellationToken, Task<ConnectionHandler>> handler, ConnectionContext connection)
    {
        try
        {
            return await handler(connection.ConnectionClosed);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static IPEndPoint AddressOf(ListenOptions bound) => bound.IPEndPoint!; // since it has started, with its port
}
