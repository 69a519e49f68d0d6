using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>
/// <c>fuzz COUNT [--seed S] [--decoder NAME]</c>: so many inputs in a child process, so that one which ends the process, or never ends, is
/// found out too. What breaks a rule is kept beside the tests.
/// </summary>
internal static class FuzzCommand
{
    private const int Threads = 2;
    private static readonly TimeSpan _hang = TimeSpan.FromSeconds(20);

    /// <summary>Runs the command; the exit code is 0 only when no rule was broken.</summary>
    public static int Run(string[] arguments)
    {
        if (!TryRead(arguments, out long count, out ulong seed, out string? decoder))
        {
            Console.Error.WriteLine("usage: fuzz COUNT [--seed S] [--decoder NAME]");
            Console.Error.WriteLine($"decoders: {string.Join(' ', FuzzTargets.All.Select(static t => t.Name))}");
            return 2;
        }

        Console.WriteLine($"fuzz: seed {seed}");
        string path = Path.Combine(Path.GetTempPath(), $"fuzz-{Environment.ProcessId}.progress");
        try
        {
            using var progress = new FuzzProgress(path);
            return Watch(progress, path, count, seed, decoder);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The child's part.</summary>
    public static int Work(string progressPath, string[] arguments)
    {
        TryRead(arguments, out long count, out ulong seed, out string? decoder);
        FuzzTarget[] targets = Chosen(decoder);
        using var progress = new FuzzProgress(progressPath);
        var run = new FuzzRun(seed, targets)
            { Beginning = (thread, target, number) => progress.Note(thread, Array.IndexOf(targets, target) + 1, number) };
        long started = Stopwatch.GetTimestamp();
        run.Run(count, Threads);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (FuzzFailure failure in run.Failures)
            Console.WriteLine($"{failure.Target}: {Short(failure.What)}\n  kept as {FuzzFailures.Keep(failure)}");
        string verdict = run.Failures.Count == 0 ? "clean" : $"{run.Failures.Count} BROKEN RULES";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"fuzz: {verdict}; {count:N0} inputs to {targets.Length} decoders, {run.Accepted:N0} accepted, seed {seed}, {seconds:F1} s"));
        return run.Failures.Count == 0 ? 0 : 1;
    }

    private static int Watch(FuzzProgress progress, string path, long count, ulong seed, string? decoder)
    {
        string[] rest = [$"{count}", "--seed", $"{seed}", .. decoder is null ? Array.Empty<string>() : ["--decoder", decoder]];
        using Process child = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(FuzzCommand).Assembly.Location, "fuzz-worker", path, .. rest]))!;
        var seen = new (int Target, long Number)[Threads];
        long[] since = new long[Threads];
        while (!child.WaitForExit(TimeSpan.FromMilliseconds(500)))
        {
            for (int thread = 0; thread < Threads; thread++)
            {
                (int Target, long Number) now = progress.Of(thread);
                if (now != seen[thread] || now.Target == 0)
                    (seen[thread], since[thread]) = (now, Stopwatch.GetTimestamp());
                else if (Stopwatch.GetElapsedTime(since[thread]) > _hang)
                    return Stop(child, new FuzzRun(seed, Chosen(decoder)), Chosen(decoder)[now.Target - 1], now.Number);
            }
        }

        if (child.ExitCode is 0 or 1)
            return child.ExitCode;
        return Autopsy(progress, child.ExitCode, seed, Chosen(decoder));
    }

    private static int Stop(Process child, FuzzRun run, FuzzTarget target, long number)
    {
        child.Kill();
        child.WaitForExit();
        return Report(new FuzzFailure(target.Name, run.Input(target, number), $"did not end within {_hang.TotalSeconds} s"));
    }

    private static int Autopsy(FuzzProgress progress, int exitCode, ulong seed, FuzzTarget[] targets)
    {
        var run = new FuzzRun(seed, targets);
        for (int thread = 0; thread < Threads; thread++)
        {
            (int target, long number) = progress.Of(thread);
            if (target > 0)
                Report(new FuzzFailure(targets[target - 1].Name, run.Input(targets[target - 1], number),
                    $"perhaps ended the process, exit code {exitCode}"));
        }

        return 1;
    }

    private static int Report(FuzzFailure failure)
    {
        Console.WriteLine($"{failure.Target}: {Short(failure.What)}\n  kept as {FuzzFailures.Keep(failure)}");
        Console.WriteLine("fuzz: BROKEN; the process did not come to its end");
        return 1;
    }

    /// <summary>The exception and the places in our own code, nearest first.</summary>
    private static string Short(string what)
    {
        string[] lines = what.Split('\n');
        return string.Join('\n',
            lines[..1].Concat(lines.Skip(1).Where(static l => l.Contains("StreamSQL.", StringComparison.Ordinal)).Take(4)));
    }

    private static FuzzTarget[] Chosen(string? decoder) =>
        decoder is null ? [.. FuzzTargets.All] : [.. FuzzTargets.All.Where(t => t.Name == decoder)];

    private static bool TryRead(string[] arguments, out long count, out ulong seed, out string? decoder)
    {
        (count, seed, decoder) = (0, (ulong)Random.Shared.NextInt64(), null);
        if (arguments.Length % 2 == 0 || !long.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out count))
            return false;
        for (int i = 1; i < arguments.Length; i += 2)
        {
            if (arguments[i] == "--decoder")
                decoder = arguments[i + 1];
            else if (arguments[i] != "--seed"
                || !ulong.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed))
                return false;
        }

        return Chosen(decoder).Length > 0;
    }
}
