using System.Globalization;

namespace StreamSQL.ClusterTests.Soak;

/// <summary>
/// <c>soak MINUTES</c>: one server with 20 queries at 70% of the rate that it has shown to keep up with. Clean when the results are exact,
/// nothing has failed, and memory does not go on growing after the warm-up; pull latencies are told.
/// </summary>
internal static class SoakCommand
{
    /// <summary>Runs the command; the exit code is 0 only when it was clean.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int minutes)
            || minutes == 0)
        {
            Console.Error.WriteLine("usage: soak MINUTES");
            return 2;
        }

        await using var run = await SoakRun.StartAsync();
        IReadOnlyList<string> anomalies = await run.RunAsync(TimeSpan.FromMinutes(minutes), Console.WriteLine);
        foreach (string anomaly in anomalies)
            Console.WriteLine(anomaly);
        Console.WriteLine($"soak: {(anomalies.Count == 0 ? "clean" : $"{anomalies.Count} ANOMALIES")}; {minutes} min, {run.Figures}");
        return anomalies.Count == 0 ? 0 : 1;
    }
}
