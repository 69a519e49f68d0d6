using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>The listeners, on one Kestrel: Postgres, HTTP and, in front of an embedded broker, Kafka.</summary>
internal sealed class Listeners : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private readonly WebApplication _application;

    private Listeners(WebApplication application, bool hasKafka)
    {
        _application = application;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(ParseAddress).ToArray();
        (Postgres, Http) = (addresses[0], addresses[1]);
        Kafka = hasKafka ? addresses[2] : null;
    }

    /// <summary>Where Kafka clients connect, the first of the listeners; null when this process is no broker.</summary>
    public IPEndPoint? Kafka { get; }

    /// <summary>Where Postgres clients connect.</summary>
    public IPEndPoint Postgres { get; }

    /// <summary>Where HTTP clients connect.</summary>
    public IPEndPoint Http { get; }

    /// <summary>Opens the listeners.</summary>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<Listeners> StartAsync(
        ServerOptions options, IReadOnlyList<ConnectionHandler> kafka, ConnectionHandler postgres, Action<IEndpointRouteBuilder> mapHttp, ILoggerFactory logging,
        CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logging);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Postgres, listen => Serve(listen, postgres));
            kestrel.Listen(options.Http, static listen => listen.Protocols = HttpProtocols.Http1);
            foreach (var (endpoint, handler) in options.Kafka.Zip(kafka))
                kestrel.Listen(endpoint.Address, listen => Serve(listen, handler));
        });

        var application = builder.Build();
        mapHttp(application);
        try
        {
            await application.StartAsync(cancellation);
            return new(application, kafka.Count > 0);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops accepting, lets connections end, and closes those that do not.</summary>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _application.StopAsync(timeout.Token);
        await _application.DisposeAsync();
    }

    private static void Serve(ListenOptions listen, ConnectionHandler handler) =>
        listen.Run(connection => handler.OnConnectedAsync(connection));

    private static IPEndPoint ParseAddress(string address) => IPEndPoint.Parse(new Uri(address).Authority);
}
