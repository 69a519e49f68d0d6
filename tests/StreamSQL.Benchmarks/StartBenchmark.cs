using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks;

/// <summary>
/// Process start to the ready line, and resident memory a second later, of a published build on an empty data directory; beside the time that an empty
/// .NET process of the same runtime takes to start and end.
/// </summary>
internal static class StartBenchmark
{
    private const int Runs = 5;

    /// <summary>Runs it; the argument is the path of the published executable.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var path] || !File.Exists(path))
        {
            Console.Error.WriteLine("start needs the path of a published streamsql; README.md beside this project has the publish command");
            return 1;
        }

        Start(path);
        var runs = Enumerable.Range(0, Runs).Select(_ => Start(path)).ToArray();
        var limits = Enumerable.Range(0, Runs).Select(_ => Help(path)).ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            start to ready       {Median(runs.Select(static run => run.ReadyMs)),8:F0} ms
            limit: start and end {Median(limits),8:F0} ms (the same executable, printing its version)
            resident, idle       {Median(runs.Select(static run => run.ResidentMb)),8:F1} MB
            """));
        return 0;
    }

    private static (double ReadyMs, double ResidentMb) Start(string path)
    {
        var data = Directory.CreateTempSubdirectory("streamsql-start-");
        try
        {
            var begin = Stopwatch.GetTimestamp();
            using var server = Process.Start(new ProcessStartInfo(path)
            {
                ArgumentList = { "start", "--data-dir", data.FullName, "--kafka", "127.0.0.1:0", "--postgres", "127.0.0.1:0", "--http", "127.0.0.1:0" },
                RedirectStandardOutput = true,
            })!;
            while (server.StandardOutput.ReadLine() is { } line && !line.StartsWith("ready", StringComparison.Ordinal))
                continue;
            var ready = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            server.WaitForExit(TimeSpan.FromSeconds(1));
            server.Refresh();
            var resident = server.WorkingSet64 / 1e6;
            server.Kill();
            server.WaitForExit();
            return (ready, resident);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static double Help(string path)
    {
        var begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(path) { ArgumentList = { "--version" }, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Runs / 2);
}
