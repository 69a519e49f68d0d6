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

/// <summary>The three listeners, on one Kestrel.</summary>
internal sealed class Listeners : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private readonly WebApplication _application;

    private Listeners(WebApplication application)
    {
        _application = application;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(ParseAddress).ToArray();
        (Kafka, Postgres, Http) = (addresses[0], addresses[1], addresses[2]);
    }

    /// <summary>Where Kafka clients connect.</summary>
    public IPEndPoint Kafka { get; }

    /// <summary>Where Postgres clients connect.</summary>
    public IPEndPoint Postgres { get; }

    /// <summary>Where HTTP clients connect.</summary>
    public IPEndPoint Http { get; }

    /// <summary>Opens the listeners.</summary>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<Listeners> StartAsync(
        ServerOptions options, ConnectionHandler kafka, ConnectionHandler postgres, Action<IEndpointRouteBuilder> mapHttp, ILoggerFactory logging,
        CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logging);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopTimeout);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Kafka, listen => Serve(listen, kafka));
            kestrel.Listen(options.Postgres, listen => Serve(listen, postgres));
            kestrel.Listen(options.Http, static listen => listen.Protocols = HttpProtocols.Http1);
        });

        var application = builder.Build();
        mapHttp(application);
        try
        {
            await application.StartAsync(cancellation);
            return new(application);
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
