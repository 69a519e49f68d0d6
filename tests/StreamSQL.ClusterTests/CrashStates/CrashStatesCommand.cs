using System.Diagnostics;
using System.Globalization;
using StreamSQL.UnitTests.Storage.Crashes;

namespace StreamSQL.ClusterTests.CrashStates;

/// <summary>
/// <c>crash-states COUNT [--seed S]</c>: cuts the power of a simulated disk at every file operation of all scenarios, until so many
/// different states have been recovered and compared with what was acknowledged.
/// </summary>
internal static class CrashStatesCommand
{
    private const long StatesPerTurn = 2000;
    private static readonly TimeSpan HangAfter = TimeSpan.FromMinutes(1);

    public static int Run(string[] args)
    {
        if (!TryRead(args, out var count, out var seed))
        {
            Console.Error.WriteLine("crash-states COUNT [--seed S]");
            return 2;
        }

        Console.WriteLine($"crash-states {count} --seed {seed}");
        var explorer = new CrashExplorer(seed);
        var started = Stopwatch.GetTimestamp();
        Exception? failure = null;
        var worker = new Thread(() => failure = Explore(explorer, count)) { IsBackground = true };
        worker.Start();
        var hangs = false;
        for (var seen = -1L; !hangs && !worker.Join(HangAfter); seen = explorer.States)
            hangs = explorer.States == seen;
        if (failure is not null)
            Console.WriteLine(failure);
        var verdict = hangs ? "HANG" : failure is null ? "clean" : "FAILED";
        Console.WriteLine(
            $"crash-states: {verdict}, seed {seed}, {explorer.States} states ({explorer.NestedStates} of them of a crashed recovery) at " +
                $"{explorer.Points} operations, longest recovery {explorer.Longest.TotalMilliseconds:F0} ms, " +
                $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        return verdict == "clean" ? 0 : 1;
    }

    private static bool TryRead(string[] args, out long count, out int seed)
    {
        seed = Environment.TickCount & int.MaxValue;
        return long.TryParse(args.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && (args.Length == 1
                || (args is [_, "--seed", var given] && int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out seed)));
    }

    private static Exception? Explore(CrashExplorer explorer, long count)
    {
        try
        {
            for (var turn = 0; explorer.States < count; turn++)
            {
                var (kind, run) = (turn % CrashScenarios.Count, turn / CrashScenarios.Count);
                explorer.Explore(CrashScenarios.Of(kind), run, Math.Min(count, explorer.States + StatesPerTurn));
            }

            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
