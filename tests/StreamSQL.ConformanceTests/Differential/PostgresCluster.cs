using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>A PostgreSQL server of our own: made in a temporary directory, on a free port, gone when disposed.</summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private const string Superuser = "postgres";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _directory;
    private readonly Process _server;

    private PostgresCluster(string directory, Process server, int port)
    {
        _directory = directory;
        _server = server;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The process that the server's others are children of.</summary>
    public int ProcessId => _server.Id;

    /// <summary>
    /// The folder with initdb and postgres: what pg_config says, else the newest of Debian's; null when no server is installed.
    /// </summary>
    public static string? FindBinaries()
    {
        IEnumerable<string> folders = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(static folder => Version(folder))
                .Select(static folder => folder + "/bin")
            : [];
        return folders.Prepend(ConfiguredFolder())
            .FirstOrDefault(static folder => folder is not null && File.Exists(folder + "/initdb") && File.Exists(folder + "/postgres"));

        static int Version(string folder) => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0;
    }

    /// <summary>Makes the data directory and starts the server; it answers when this returns.</summary>
    public static async Task<PostgresCluster> StartAsync(string binaries)
    {
        var directory = Directory.CreateTempSubdirectory("differential-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", Superuser, directory);
        await RunAsync(AsServerUser($"{binaries}/initdb", "-D", $"{directory}/data", "-U", Superuser, "-A", "trust", "-E", "UTF8",
            "--locale=C",
            "--lc-ctype=C.UTF-8", "--no-sync"));
        var port = FreePort();
        var start = AsServerUser($"{binaries}/postgres", "-D", $"{directory}/data", "-p", $"{port}", "-k", directory, "-h", "127.0.0.1",
            "-c", "fsync=off",
            "-c", "timezone=UTC", "-c", "log_min_messages=fatal", "-c", "log_timezone=UTC", "-c", "jit=off");
        start.RedirectStandardError = true;
        var server = Process.Start(start)!;
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginErrorReadLine();
        var cluster = new PostgresCluster(directory, server, port);
        try
        {
            await cluster.WaitUntilReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_server.HasExited)
        {
            // SIGINT: a fast shutdown, which disconnects clients. setpriv and the server are one process.
            using var kill = Process.Start("kill", ["-INT", $"{_server.Id}"]);
            await kill.WaitForExitAsync();
            await _server.WaitForExitAsync();
        }

        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitUntilReadyAsync()
    {
        var connection = $"Host=127.0.0.1;Port={Port};Username={Superuser};Database=postgres;Pooling=false";
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                await using var probe = new NpgsqlConnection(connection);
                await probe.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (watch.Elapsed < Patience && !_server.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static ProcessStartInfo AsServerUser(string command, params string[] arguments) => Environment.IsPrivilegedProcess
        ? new("setpriv", ["--reuid", Superuser, "--regid", Superuser, "--clear-groups", "--", command, .. arguments])
        : new(command, arguments);

    private static Task RunAsync(string command, params string[] arguments) => RunAsync(new ProcessStartInfo(command, arguments));

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {string.Concat(output)}");
    }

    private static string? ConfiguredFolder()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pg_config", ["--bindir"])
                { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return process.StandardOutput.ReadToEnd().Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // pg_config is not installed: Debian's folders are looked at instead
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
