using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamSQL.Broker;
using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Handlers;
using StreamSQL.Broker.Network;
using StreamSQL.Storage.Files;

namespace StreamSQL.ClusterTests.Kafka;

/// <summary>A broker in this process, on a data directory of its own and a free port.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory;

    private TestBroker(WebApplication app, BrokerHost host, string directory)
    {
        _app = app;
        Host = host;
        _directory = directory;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Port = new Uri(address).Port;
    }

    public int Port { get; }

    public BrokerHost Host { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<TestBroker> StartAsync(BrokerOptions? options = null)
    {
        string directory = Directory.CreateTempSubdirectory("streamsql-test-").FullName;
        BrokerOptions settings = (options ?? new BrokerOptions()) with { Groups = new GroupOptions
            { InitialRebalanceDelay = TimeSpan.Zero } };
        BrokerHost host = await BrokerHost.OpenAsync(directory, settings, new DiskFileSystem(), TimeProvider.System);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddLogging(logging => logging.AddProvider(new TestLogs()));
        builder.Services.AddSingleton(new BrokerServices(host, new KafkaListenerOptions(), TimeProvider.System));
        builder.Services.AddSingleton<KafkaConnectionHandler>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(new SocketEndPoint(new(IPAddress.Loopback, 0)),
                listen => listen.UseConnectionHandler<KafkaConnectionHandler>()));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new SocketTransport(TimeProvider.System));
        WebApplication app = builder.Build();
        await app.StartAsync();
        return new TestBroker(app, host, directory);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Shows what the broker warns of beside the output of the test.</summary>
    private sealed class TestLogs : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                TestContext.Current.SendDiagnosticMessage("{0} {1}", formatter(state, exception), exception);
        }

        public void Dispose()
        {
        }
    }
}
