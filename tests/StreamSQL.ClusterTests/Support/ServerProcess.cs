using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace StreamSQL.ClusterTests.Support;

/// <summary>A real server process on a data directory of its own, on free ports.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    /// <summary>The option by which a broker serves engines in other processes.</summary>
    public const string OpenEngineTopics = "--open-engine-topics";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private ServerProcess(Process process, IPEndPoint kafka, IPEndPoint postgres, IPEndPoint http, bool startedAsStandby)
    {
        _process = process;
        StartedAsStandby = startedAsStandby;
        (Kafka, Postgres, Http) = (kafka, postgres, http);

        // A full pipe would stop the server.
        _ = KeepAsync(process.StandardOutput.BaseStream, $"{process.Id}.out");
        _ = KeepAsync(process.StandardError.BaseStream, $"{process.Id}.err");
    }

    public IPEndPoint Kafka { get; }

    public IPEndPoint Postgres { get; }

    public IPEndPoint Http { get; }

    /// <summary>Whether another engine ran the queries when it started.</summary>
    public bool StartedAsStandby { get; }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs no more.</summary>
    public bool HasEnded => _process.HasExited;

    public string PostgresConnection => $"Host={Postgres.Address};Port={Postgres.Port};Username=test;Database=streamsql;Pooling=false";

    /// <summary>Starts a server and waits for its ready line.</summary>
    public static Task<ServerProcess> StartAsync(string dataDirectory) => StartAsync(dataDirectory, "--kafka", "127.0.0.1:0");

    /// <summary>Starts a server with more in its environment, and waits for its ready line.</summary>
    public static Task<ServerProcess> StartAsync(string dataDirectory, IReadOnlyDictionary<string, string> environment) =>
        WhenReadyAsync(Launch(Arguments(dataDirectory, "--kafka", "127.0.0.1:0"), environment));

    /// <summary>Starts a server that may have so many files open (<c>ulimit -n</c>), and waits for its ready line.</summary>
    public static Task<ServerProcess> StartAsync(string dataDirectory, int openFiles)
    {
        var start = StartOf(Arguments(dataDirectory, "--kafka", "127.0.0.1:0"));
        string[] limited = ["-c", $"ulimit -n {openFiles}; exec \"$0\" \"$@\"", start.FileName, .. start.ArgumentList];
        return WhenReadyAsync(Process.Start(new ProcessStartInfo("bash", limited)
            { RedirectStandardOutput = true, RedirectStandardError = true })!);
    }

    /// <summary>Starts a server whose broker listens at an address, and waits for its ready line.</summary>
    public static Task<ServerProcess> StartAsync(string dataDirectory, IPEndPoint kafka) =>
        StartAsync(dataDirectory, "--kafka", kafka.ToString());

    /// <summary>Starts a broker that serves engines in other processes (port 0: at a free port), and waits for its ready line.</summary>
    public static Task<ServerProcess> StartBrokerAsync(string dataDirectory, IPEndPoint? kafka = null, params string[] more) => StartAsync(
        dataDirectory, ["--broker-only", OpenEngineTopics, "--kafka", (kafka ?? new(IPAddress.Loopback, 0)).ToString(), .. more]);

    /// <summary>Starts a server and kills it after a while, wherever its start is then.</summary>
    public static async Task StartAndKillAsync(string dataDirectory, IPEndPoint kafka, TimeSpan after, params string[] more)
    {
        using Process process = Launch(Arguments(dataDirectory, ["--kafka", kafka.ToString(), .. more]));
        await Task.Delay(after);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Starts an engine that shares a Kafka cluster with others, and waits until it is ready or stands by.</summary>
    public static Task<ServerProcess> StartSharingAsync(
        string dataDirectory, IPEndPoint bootstrap, int takeoverAfterSeconds, params string[] more) => StartAsync(
        dataDirectory,
        ["--kafka-bootstrap", bootstrap.ToString(),
            "--takeover-after", takeoverAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture), .. more]);

    /// <summary>Starts a server without a broker of its own on a Kafka cluster, and waits for its ready line.</summary>
    public static Task<ServerProcess> StartOnClusterAsync(string dataDirectory, IPEndPoint bootstrap) =>
        StartAsync(dataDirectory, "--kafka-bootstrap", bootstrap.ToString());

    private static Task<ServerProcess> StartAsync(string dataDirectory, params string[] kafka) =>
        WhenReadyAsync(Launch(Arguments(dataDirectory, kafka)));

    private static async Task<ServerProcess> WhenReadyAsync(Process process)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (ReadyLine().Match(line) is { Success: true } ready)
            {
                return new(
                    process, IPEndPoint.Parse(ready.Groups[2].Value), IPEndPoint.Parse(ready.Groups[3].Value),
                    IPEndPoint.Parse(ready.Groups[4].Value), startedAsStandby: ready.Groups[1].Value != "ready");
            }
        }

        await process.WaitForExitAsync(timeout.Token);
        throw new InvalidOperationException(
            $"the server ended with exit code {process.ExitCode}: {await process.StandardError.ReadToEndAsync(timeout.Token)}");
    }

    /// <summary>Runs the executable to its end; returns exit code and what it wrote to the error output.</summary>
    public static async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Launch(arguments);
        using var timeout = new CancellationTokenSource(StartTimeout);
        try
        {
            var error = await process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>SIGKILL: nothing is flushed.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await WhenEndedAsync();
    }

    /// <summary>SIGSTOP: it stands still, as a process does whose machine hangs.</summary>
    public Task SuspendAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on, and knows nothing of the pause.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Waits until it ends by itself; returns the exit code.</summary>
    public async Task<int> WhenEndedAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What a server writes goes to a file in the directory that STREAMSQL_TEST_LOGS names, or nowhere.</summary>
    private static async Task KeepAsync(Stream output, string name)
    {
        string? directory = Environment.GetEnvironmentVariable("STREAMSQL_TEST_LOGS");
        await using Stream target = directory is null ? Stream.Null : File.Create(Path.Combine(directory, name));
        await output.CopyToAsync(target);
    }

    private static string[] Arguments(string dataDirectory, params string[] kafka) =>
        ["start", "--data-dir", dataDirectory, .. kafka, "--postgres", "127.0.0.1:0", "--http", "127.0.0.1:0"];

    private static Process Launch(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = StartOf(arguments);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static ProcessStartInfo StartOf(IEnumerable<string> arguments)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var server = Path.Combine(Repository.Root, "src", "StreamSQL.Server", "bin", output.Parent!.Name, output.Name, "streamsql.dll");
        return new ProcessStartInfo("dotnet", [server, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    [GeneratedRegex(@"^(ready|standing by).* kafka=(\S+) postgres=(\S+) http=([^\s;]+)")]
    private static partial Regex ReadyLine();
}
