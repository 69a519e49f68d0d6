using System.Diagnostics;
using System.Globalization;
using StreamSQL.ClusterTests.Crashes;

namespace StreamSQL.ClusterTests.ExactlyOnce;

/// <summary>
/// <c>exactly-once COUNT [--seed S] [--kafka-bootstrap]</c>: every shape of continuous query, so many kills, and no difference from the oracles. With
/// <c>--kafka-bootstrap</c> the engine is a process beside the broker's, and either is killed.
/// </summary>
internal static class ExactlyOnceCommand
{
    private const string Apart = "--kafka-bootstrap";

    /// <summary>Runs the command; the exit code is 0 only when nothing was wrong.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        bool isApart = arguments.Contains(Apart);
        if (CommandOptions.Read("exactly-once", [.. arguments.Where(static argument => argument != Apart)]) is not { } options)
            return 2;
        Console.WriteLine($"exactly-once: seed {options.Seed}");
        long started = Stopwatch.GetTimestamp();
        var run = new ExactlyOnceRun(options.Seed, isApart);
        IReadOnlyList<string> anomalies = await run.RunAsync(options.Count, Console.WriteLine);
        foreach (string anomaly in anomalies)
            Console.WriteLine(anomaly);
        string verdict = anomalies.Count == 0 ? "clean" : $"{anomalies.Count} DIFFERENCES";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"exactly-once: {verdict}; {options.Count} kills, {(isApart ? "engine and broker apart" : "one process")}, {run.Figures}, seed {options.Seed}, "
            + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        return anomalies.Count == 0 ? 0 : 1;
    }
}
