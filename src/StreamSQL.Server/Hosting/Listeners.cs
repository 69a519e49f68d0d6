using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker.Network;
using StreamSQL.Server.Http;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// The listeners, on one Kestrel: Postgres, HTTP and, in front of an embedded broker, Kafka. They open while the log is still being recovered, since
/// loading Kestrel takes as long; who connects before <see cref="Serve"/> waits for it. HTTP answers at once, and says that the server is starting.
/// </summary>
internal sealed class Listeners : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private readonly WebApplication _application;
    private readonly TaskCompletionSource<Doors> _doors;

    private Listeners(WebApplication application, TaskCompletionSource<Doors> doors)
    {
        _application = application;
        _doors = doors;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(ParseAddress).ToArray();
        (Postgres, Http) = (addresses[0], addresses[1]);
        Kafka = addresses[2..];
    }

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
        var doors = new TaskCompletionSource<Doors>(TaskCreationOptions.RunContinuationsAsynchronously);
        var application = Build(options, doors.Task, logging);
        try
        {
            await application.StartAsync(cancellation);
            return new(application, doors);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets those in who wait, and all who come.</summary>
    public void Serve(Doors doors) => _doors.SetResult(doors);

    /// <summary>Stops accepting, lets connections end, and closes those that do not.</summary>
    public async ValueTask DisposeAsync()
    {
        _doors.TrySetCanceled();
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _application.StopAsync(timeout.Token);
        await _application.DisposeAsync();
    }

    private static WebApplication Build(ServerOptions options, Task<Doors> doors, ILoggerFactory logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logging);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Postgres, listen => Pass(listen, doors, static open => open.Postgres));
            kestrel.Listen(options.Http, static listen => listen.Protocols = HttpProtocols.Http1);
            var kafka = options.KafkaBootstrap.Count == 0 ? options.Kafka : [];
            foreach (var (index, endpoint) in kafka.Index())
                kestrel.Listen(new SocketEndPoint(endpoint.Address), listen => Pass(listen, doors, open => open.Kafka[index]));
        });
        // Asked last to first, and before Kestrel's own, which came earlier.
        var free = new SemaphoreSlim(DescriptorLimit.Read().Connections);
        builder.Services.AddSingleton<IConnectionListenerFactory>(
            new BoundedTransport(new SocketTransportFactory(Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions()), logging), free));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new BoundedTransport(new SocketTransport(TimeProvider.System), free));
        var application = builder.Build();
        new HttpEndpoints(doors).Map(application);
        new SchemaRegistryEndpoints(doors).Map(application);
        return application;
    }

    private static void Pass(ListenOptions listen, Task<Doors> doors, Func<Doors, ConnectionHandler> handler) =>
        listen.Run(async connection =>
        {
            if (await WaitAsync(doors, connection) is { } open)
                await handler(open).OnConnectedAsync(connection);
        });

    /// <summary>Null when the client has gone, or the server stops, before it is ready.</summary>
    private static async Task<Doors?> WaitAsync(Task<Doors> doors, ConnectionContext connection)
    {
        try
        {
            return await doors.WaitAsync(connection.ConnectionClosed);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static IPEndPoint ParseAddress(string address) => IPEndPoint.Parse(new Uri(address).Authority);
}
