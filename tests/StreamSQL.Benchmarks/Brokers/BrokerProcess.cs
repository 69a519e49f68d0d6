using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>A broker as a process of its own on a free port: a published server, or the one that was built with this program.</summary>
internal sealed class BrokerProcess : IDisposable
{
    private readonly DirectoryInfo _data;
    private readonly bool _isScratch;
    private readonly string? _path;
    private readonly string[] _options;
    private Process _process;

    private BrokerProcess(DirectoryInfo data, bool isScratch, string? path, params string[] options)
    {
        (_data, _isScratch, _path, _options) = (data, isScratch, path, options);
        (_process, Port, PostgresPort) = Launch();
    }

    /// <summary>Where clients connect, at 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Where Postgres clients connect, at 127.0.0.1.</summary>
    public int PostgresPort { get; private set; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Processor time so far, in seconds: user and system, all threads.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Resident memory now, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="path">The executable of a published build, or null for the server that was built with this program.</param>
    /// <param name="options">More of the command line.</param>
    public static BrokerProcess Start(string? path = null, params string[] options) =>
        new(Directory.CreateTempSubdirectory("streamsql-bench-"), isScratch: true, path, options);

    /// <summary>Starts it on a data directory, which stays.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The executable of a published build, or null for the server that was built with this program.</param>
    public static BrokerProcess StartOn(string directory, string? path) => new(new DirectoryInfo(directory), isScratch: false, path);

    /// <summary>Stops it cleanly and starts it again on its data; returns the seconds from the start to the ready line.</summary>
    public double Restart()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        _process.WaitForExit();
        _process.Dispose();
        var start = Stopwatch.GetTimestamp();
        (_process, Port, PostgresPort) = Launch();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        if (_isScratch)
            _data.Delete(recursive: true);
    }

    private (Process Process, int Port, int PostgresPort) Launch()
    {
        string[] program = _path is null ? [Path.Combine(AppContext.BaseDirectory, "streamsql.dll")] : [];
        string[] arguments = ["start", "--data-dir", _data.FullName, "--kafka", "127.0.0.1:0", "--postgres", "127.0.0.1:0", "--http",
            "127.0.0.1:0", .. _options];
        var process = Process.Start(new ProcessStartInfo(_path ?? "dotnet", [.. program, .. arguments]) { RedirectStandardOutput = true })!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith("ready", StringComparison.Ordinal))
                continue;
            return (process, PortOf(line, "kafka="), PortOf(line, "postgres="));
        }

        throw new InvalidOperationException($"The server ended with exit code {process.ExitCode}.");
    }

    private static int PortOf(string line, string listener)
    {
        var address = line.Split(' ').Single(word => word.StartsWith(listener, StringComparison.Ordinal));
        return int.Parse(address.AsSpan(address.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
    }
}
