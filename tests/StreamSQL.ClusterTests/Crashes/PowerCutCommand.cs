using System.Diagnostics;
using StreamSQL.ClusterTests.Crashes.Checking;

namespace StreamSQL.ClusterTests.Crashes;

/// <summary><c>power-cut COUNT [--seed S]</c>: as <c>crash</c>, but each end takes away what was not flushed. As root, on Linux.</summary>
internal static class PowerCutCommand
{
    private const int Skipped = 3;

    /// <summary>Runs the command; the exit code is 0 only when nothing was wrong, 3 where it cannot be run.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (CommandOptions.Read("power-cut", arguments) is not { } options)
            return 2;
        using var server = new PowerCutServer();
        if (await server.PrepareAsync() is { } missing)
        {
            Console.WriteLine($"power-cut: skipped: {missing}");
            return Skipped;
        }

        Console.WriteLine($"power-cut: seed {options.Seed}");
        long started = Stopwatch.GetTimestamp();
        var run = new CrashRun(options.Seed, server);
        IReadOnlyList<Anomaly> anomalies = await run.RunAsync(options.Count, Console.WriteLine);
        return CrashCommand.Report("power-cut", run, anomalies, options, Stopwatch.GetElapsedTime(started));
    }
}
