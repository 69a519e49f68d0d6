using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.Benchmarks;

/// <summary>
/// Process start to the ready line, and resident memory a second later, of a published build on an
/// empty data directory; in turn with an empty .NET process (this program, told to do nothing), and with the same executable printing its
/// version. Processor time, of all threads, is less moved by what else the machine does.
/// </summary>
internal static class StartBenchmark
{
    /// <summary>The argument that makes this program an empty process.</summary>
    public const string Nothing = "nothing";

    private const int Runs = 11;

    /// <summary>Runs it; the argument is the path of the published executable.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var path] || !File.Exists(path))
        {
            Console.Error.WriteLine("start needs the path of a published streamsql; README.md beside this project has the publish command");
            return 1;
        }

        var empty = Path.Combine(AppContext.BaseDirectory, "StreamSQL.Benchmarks");
        var starts = new Sample[Runs];
        var empties = new Sample[Runs];
        var versions = new Sample[Runs];
        for (var run = -1; run < Runs; run++)
        {
            var samples = (Start(path), RunToEnd(empty, Nothing), RunToEnd(path, "--version"));
            if (run >= 0)
                (starts[run], empties[run], versions[run]) = samples;
        }

        Print("start to ready", starts);
        Print("limit: an empty .NET process", empties);
        Print("the same executable, printing its version", versions);
        var ratios = starts.Zip(empties, static (start, limit) => start.Ms / limit.Ms).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"start / empty process: median {ratios[Runs / 2]:F2}, quarter {ratios[Runs / 4]:F2}, three quarters {ratios[Runs * 3 / 4]:F2}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"resident, idle: {Median(starts, static run => run.ResidentMb):F1} MB"));
        return 0;
    }

    private static Sample Start(string path)
    {
        var data = Directory.CreateTempSubdirectory("streamsql-start-");
        try
        {
            var begin = Stopwatch.GetTimestamp();
            using var server = Process.Start(new ProcessStartInfo(path)
            {
                ArgumentList = { "start", "--data-dir", data.FullName, "--kafka", "127.0.0.1:0", "--postgres", "127.0.0.1:0", "--http",
                    "127.0.0.1:0" },
                RedirectStandardOutput = true,
            })!;
            while (server.StandardOutput.ReadLine() is { } line && !line.StartsWith("ready", StringComparison.Ordinal))
                continue;
            var ready = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            var processor = server.TotalProcessorTime.TotalMilliseconds;
            server.WaitForExit(TimeSpan.FromSeconds(1));
            server.Refresh();
            var resident = server.WorkingSet64 / 1e6;
            server.Kill();
            server.WaitForExit();
            return new(ready, processor, resident);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static Sample RunToEnd(string path, string argument)
    {
        var before = ProcessorMsOfChildren();
        var begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(path) { ArgumentList = { argument }, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return new(Stopwatch.GetElapsedTime(begin).TotalMilliseconds, ProcessorMsOfChildren() - before, 0);
    }

    /// <summary>
    /// What all processes took that this one has started and that have ended, by proc_pid_stat(5); 0 elsewhere than on Linux.
    /// </summary>
    private static double ProcessorMsOfChildren()
    {
        const string Stat = "/proc/self/stat";
        const double MsPerTick = 10;
        const int UserAfterName = 13;
        if (!File.Exists(Stat))
            return 0;
        var stat = File.ReadAllText(Stat);
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return MsPerTick * fields.Skip(UserAfterName).Take(2).Sum(static ticks => long.Parse(ticks, CultureInfo.InvariantCulture));
    }

    private static void Print(string what, Sample[] samples) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what,-42} {Median(samples, static s => s.Ms),6:F0} ms ({samples.Min(static s => s.Ms):F0} to {samples.Max(static s => s.Ms):F0}), processor {samples.Average(static s => s.ProcessorMs):F0} ms"));

    private static double Median(Sample[] samples, Func<Sample, double> value) =>
        samples.Select(value).Order().ElementAt(samples.Length / 2);

    private readonly record struct Sample(double Ms, double ProcessorMs, double ResidentMb);
}
