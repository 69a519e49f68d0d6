using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>Runs the server in this process until it is told to stop.</summary>
internal static partial class ServerRun
{
    /// <summary>The exit code of an engine whose queries another one has taken over: to be started again, to stand by.</summary>
    private const int DeposedExitCode = 3;

    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    /// <summary>The <c>start</c> command.</summary>
    public static Task<int> StartAsync(ServerOptions options, CancellationToken cancellation) => options.IsBrokerOnly
        ? RunBrokerAsync(options, cancellation)
        : RunAsync(options, static (server, _) => PrintReady(server), cancellation);

    /// <summary>Starts the server, runs <paramref name="work"/> on it, and waits for the signal to stop.</summary>
    public static async Task<int> RunAsync(ServerOptions options, Func<StreamSqlServer, CancellationToken, Task> work,
        CancellationToken cancellation)
    {
        MemoryCeiling.Apply(options.MemoryLimitBytes);
        using var logging = ServerLog.Create(TimeProvider.System);
        try
        {
            await using var server = await StreamSqlServer.StartAsync(options, logging, TimeProvider.System, cancellation);
            await work(server, cancellation);
            var waiting = WaitAsync(options, logging.CreateLogger("StreamSQL"), cancellation);
            if (await Task.WhenAny(waiting, server.Deposed) == waiting)
                await waiting;
            await Console.Error.WriteLineAsync(
                "streamsql: another engine has taken over the queries of the broker, so this one ends; start it again to stand by");
            return DeposedExitCode;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The signal to stop, while it ran or stood by.
        }

        return 0;
    }

    /// <summary>The one line that says that the server answers, where, and how long after the process started.</summary>
    public static Task PrintReady(StreamSqlServer server) => PrintReady(server.Kafka, server.Postgres, server.Http);

    /// <summary>The line that says where a server listens whose turn to run the queries has not come, and who answers SQL.</summary>
    public static void PrintStandingBy(EndPoint kafka, Listeners listeners, string engine) =>
        Console.Out.WriteLine(
            $"standing by kafka={Format(kafka)} postgres={listeners.Postgres} http={listeners.Http}; SQL is answered at {engine}");

    private static async Task<int> RunBrokerAsync(ServerOptions options, CancellationToken cancellation)
    {
        MemoryCeiling.Apply(options.MemoryLimitBytes);
        using var logging = ServerLog.Create(TimeProvider.System);
        await using var server = await BrokerServer.StartAsync(options, logging, TimeProvider.System, cancellation);
        try
        {
            await PrintReady(server.Listeners.Kafka[0], server.Listeners.Postgres, server.Listeners.Http);
            await WaitAsync(options, logging.CreateLogger("StreamSQL"), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The signal to stop.
        }

        return 0;
    }

    private static Task PrintReady(EndPoint kafka, IPEndPoint postgres, IPEndPoint http) =>
        Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"ready in {ProcessAge.Read().TotalMilliseconds:F0} ms kafka={Format(kafka)} postgres={postgres} http={http}"));

    private static string Format(EndPoint address) => address is DnsEndPoint host ? $"{host.Host}:{host.Port}" : address.ToString()!;

    private static async Task WaitAsync(ServerOptions options, ILogger logger, CancellationToken cancellation)
    {
        if (!options.PublicListeners.Any())
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        using var timer = new PeriodicTimer(WarningInterval);
        do
            LogInsecure(logger, string.Join(", ", options.PublicListeners));
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Listeners} can be reached from other machines without authentication (--insecure-public)")]
    private static partial void LogInsecure(ILogger logger, string listeners);
}
