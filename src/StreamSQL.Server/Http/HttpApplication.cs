using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamSQL.Server.Hosting;

namespace StreamSQL.Server.Http;

/// <summary>
/// What answers HTTP requests. Routing, and the container that it wants, are loaded with the first
/// request: the start does not wait for them.
/// </summary>
/// <param name="gates">What of the server answers by now.</param>
/// <param name="isBrokerOnly">Whether there is no engine in this process.</param>
/// <param name="logging">The log.</param>
internal sealed class HttpApplication(Gates gates, bool isBrokerOnly, ILoggerFactory logging) : IHttpApplication<HttpContext>
{
    private readonly Lazy<RequestDelegate> _routes = new(() => CreateRoutes(gates, isBrokerOnly, logging));

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public Task ProcessRequestAsync(HttpContext context) => _routes.Value(context);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing is kept for a request; Kestrel logs what it throws.
    }

    private static RequestDelegate CreateRoutes(Gates gates, bool isBrokerOnly, ILoggerFactory logging)
    {
        var services = new ServiceCollection();
        services.AddSingleton(logging);
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton(new DiagnosticListener("Microsoft.AspNetCore"));
        services.AddRoutingCore();
        var application = new ApplicationBuilder(services.BuildServiceProvider());
        application.UseRouting();
        application.UseEndpoints(routes =>
        {
            new HttpEndpoints(gates, isBrokerOnly).Map(routes);
            new SchemaRegistryEndpoints(gates.Doors).Map(routes);
        });
        return application.Build();
    }
}
