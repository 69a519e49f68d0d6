using System.Diagnostics;
using System.Globalization;
using StreamSQL.ClusterTests.Crashes.Checking;

namespace StreamSQL.ClusterTests.Crashes;

/// <summary>
/// <c>crash COUNT [--seed S]</c>: so many times, the server is killed under load and started again; then the whole history is checked.
/// </summary>
internal static class CrashCommand
{
    private const int ShownOfKind = 8;

    /// <summary>Runs the command; the exit code is 0 only when nothing was wrong.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (CommandOptions.Read("crash", arguments) is not { } options)
            return 2;
        Console.WriteLine($"crash: seed {options.Seed}");
        long started = Stopwatch.GetTimestamp();
        using var server = new KilledServer();
        var run = new CrashRun(options.Seed, server);
        IReadOnlyList<Anomaly> anomalies = await run.RunAsync(options.Count, Console.WriteLine);
        return Report("crash", run, anomalies, options, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>The last lines of a run: what is wrong, the verdict, the figures.</summary>
    public static int Report(string name, CrashRun run, IReadOnlyList<Anomaly> anomalies, CommandOptions options, TimeSpan took)
    {
        foreach (Anomaly anomaly in anomalies.GroupBy(static a => a.Kind).SelectMany(static kind => kind.Take(ShownOfKind)))
            Console.WriteLine($"{anomaly.Kind}: {anomaly.What}");
        string verdict = anomalies.Count == 0
            ? "clean"
            : $"{anomalies.Count} ANOMALIES ({string.Join(", ", anomalies.GroupBy(static a => a.Kind).Select(static g => $"{g.Key} {g.Count()}"))})";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {verdict}; {options.Count} cycles, {run.Figures}, seed {options.Seed}, {took.TotalSeconds:F0} s"));
        return anomalies.Count == 0 ? 0 : 1;
    }
}
