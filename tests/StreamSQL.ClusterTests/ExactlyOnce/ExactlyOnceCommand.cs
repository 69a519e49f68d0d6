using System.Diagnostics;
using System.Globalization;
using StreamSQL.ClusterTests.Crashes;

namespace StreamSQL.ClusterTests.ExactlyOnce;

/// <summary>
/// <c>exactly-once COUNT [--seed S] [--kafka-bootstrap|--standby|--share]</c>: every shape of continuous query, so many kills, and no
/// difference from the oracles. With <c>--kafka-bootstrap</c> the engine is a process beside the broker's, and either is killed; with
/// <c>--standby</c> there are two engines, and they take over from each other when one is killed or stands still; with <c>--share</c> two
/// engines share the queries, either is killed or stands still, and the answers of both are compared.
/// </summary>
internal static class ExactlyOnceCommand
{
    private const string Apart = "--kafka-bootstrap";
    private const string Pair = "--standby";
    private const string Shared = "--share";

    /// <summary>Runs the command; the exit code is 0 only when nothing was wrong.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        ProcessLayout layout = arguments.Contains(Shared) ? ProcessLayout.Shared
            : arguments.Contains(Pair) ? ProcessLayout.Pair
            : arguments.Contains(Apart) ? ProcessLayout.Apart : ProcessLayout.Together;
        string[] rest = [.. arguments.Where(static argument => argument is not (Apart or Pair or Shared))];
        if (CommandOptions.Read("exactly-once", rest) is not { } options)
            return 2;
        Console.WriteLine($"exactly-once: seed {options.Seed}");
        long started = Stopwatch.GetTimestamp();
        var run = new ExactlyOnceRun(options.Seed, layout);
        IReadOnlyList<string> anomalies = await run.RunAsync(options.Count, Console.WriteLine);
        foreach (string anomaly in anomalies)
            Console.WriteLine(anomaly);
        string verdict = anomalies.Count == 0 ? "clean" : $"{anomalies.Count} DIFFERENCES";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"exactly-once: {verdict}; {options.Count} kills, {NameOf(layout)}, {run.Figures}, seed {options.Seed}, "
            + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        return anomalies.Count == 0 ? 0 : 1;
    }

    private static string NameOf(ProcessLayout layout) => layout switch
    {
        ProcessLayout.Apart => "engine and broker apart",
        ProcessLayout.Pair => "two engines on one broker",
        ProcessLayout.Shared => "two engines that share the queries of one broker",
        _ => "one process",
    };
}
