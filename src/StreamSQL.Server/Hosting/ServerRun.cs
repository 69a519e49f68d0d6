using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>Runs the server in this process until it is told to stop.</summary>
internal static partial class ServerRun
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    /// <summary>The <c>start</c> command.</summary>
    public static Task<int> StartAsync(ServerOptions options, CancellationToken cancellation) =>
        RunAsync(options, static (server, _) => PrintReady(server), cancellation);

    /// <summary>Starts the server, runs <paramref name="work"/> on it, and waits for the signal to stop.</summary>
    public static async Task<int> RunAsync(ServerOptions options, Func<StreamSqlServer, CancellationToken, Task> work, CancellationToken cancellation)
    {
        MemoryCeiling.Apply(options.MemoryLimitBytes);
        using var logging = ServerLog.Create(TimeProvider.System);
        await using var server = await StreamSqlServer.StartAsync(options, logging, TimeProvider.System, cancellation);
        try
        {
            await work(server, cancellation);
            await WaitAsync(options, logging.CreateLogger("StreamSQL"), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The signal to stop: disposing the server is what is left to do.
        }

        return 0;
    }

    /// <summary>The one line that says that the server answers, where, and how long after the process started.</summary>
    public static Task PrintReady(StreamSqlServer server)
    {
        var sinceStart = TimeProvider.System.GetUtcNow() - ProcessStart;
        return Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"ready in {sinceStart.TotalMilliseconds:F0} ms kafka={Format(server.Kafka)} postgres={server.Postgres} http={server.Http}"));
    }

    private static string Format(EndPoint address) => address is DnsEndPoint host ? $"{host.Host}:{host.Port}" : address.ToString()!;

    private static DateTimeOffset ProcessStart
    {
        get
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.StartTime;
        }
    }

    private static async Task WaitAsync(ServerOptions options, ILogger logger, CancellationToken cancellation)
    {
        if (!options.PublicListeners.Any())
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        using var timer = new PeriodicTimer(WarningInterval);
        do
            LogInsecure(logger, string.Join(", ", options.PublicListeners));
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Listeners} can be reached from other machines without authentication (--insecure-public)")]
    private static partial void LogInsecure(ILogger logger, string listeners);
}
