using System.Diagnostics;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.PlantedBugs;

/// <summary>
/// <c>planted-bugs [NAME...]</c>: builds the unit tests with the planted bugs, wakes one after another and shows which test catches it, and
/// how fast. A name is a bug's or an area's (<c>storage</c>, <c>broker</c>, <c>engine</c>); without one, all of them. The engine's bugs are
/// left to the runs over power cuts and to the tests of fencing beside them.
/// </summary>
internal static class PlantedBugsCommand
{
    private const string Tests = "artifacts/planted-bugs/bin/StreamSQL.UnitTests/release/StreamSQL.UnitTests.dll";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly string[] LogTests = ["-namespace", "StreamSQL.UnitTests.Storage*", "-namespace", "StreamSQL.UnitTests.Broker*"];
    private static readonly string[] EngineTests = ["-namespace", "StreamSQL.UnitTests.Engine.ExactlyOnce*"];

    public static async Task<int> RunAsync(string[] names)
    {
        PlantedBug[] bugs = [.. Enum.GetValues<PlantedBug>()
            .Where(bug => names.Length == 0 || names.Contains($"{bug}") || names.Contains(AreaOf(bug)))];
        if (bugs.Length == 0)
        {
            Console.WriteLine($"planted-bugs: there is no bug and no area of the name {string.Join(", ", names)}");
            return 1;
        }

        if (!await BuildAsync())
            return 1;
        var total = Stopwatch.StartNew();
        foreach (var tests in bugs.Select(TestsOf).Distinct())
        {
            if (await FirstFailureAsync(tests, awake: null) is not { } broken)
                continue;
            Console.WriteLine($"planted-bugs: without a bug, {broken} fails: nothing can be told");
            return 1;
        }

        var missed = 0;
        foreach (PlantedBug bug in bugs)
        {
            var started = Stopwatch.StartNew();
            var caughtBy = await FirstFailureAsync(TestsOf(bug), bug);
            missed += caughtBy is null ? 1 : 0;
            Console.WriteLine($"{bug,-28} {started.Elapsed.TotalSeconds,6:F1} s  {caughtBy ?? "NOT CAUGHT"}");
        }

        Console.WriteLine(
            $"planted-bugs: {bugs.Length} planted, {bugs.Length - missed} caught, {missed} not caught, {total.Elapsed.TotalSeconds:F0} s");
        return missed == 0 ? 0 : 1;
    }

    private static string AreaOf(PlantedBug bug) => bug switch
    {
        < PlantedBug.IgnoreProducerEpoch => "storage",
        < PlantedBug.CommitOffsetsEarly => "broker",
        _ => "engine",
    };

    private static string[] TestsOf(PlantedBug bug) => AreaOf(bug) == "engine" ? EngineTests : LogTests;

    private static async Task<bool> BuildAsync()
    {
        string[] arguments = ["build", "tests/StreamSQL.UnitTests", "-c", "Release", "-v", "q", "--nologo", "-p:PlantedBugs=true"];
        using var build = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = Repository.Root })!;
        await build.WaitForExitAsync();
        return build.ExitCode == 0;
    }

    /// <summary>Runs the tests with a bug awake up to the first that fails; null when none does. A test that hangs has failed.</summary>
    private static async Task<string?> FirstFailureAsync(string[] selection, PlantedBug? awake)
    {
        var start = new ProcessStartInfo("dotnet", [Tests, "-noLogo", "-noColor", "-stopOnFail", .. selection])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        if (awake is { } bug)
            start.Environment[Planted.Variable] = bug.ToString();
        using var tests = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        string? failed = null;
        try
        {
            while (await tests.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (failed is null && line.Contains(" [FAIL]", StringComparison.Ordinal))
                    failed = line.Replace("[FAIL]", "", StringComparison.Ordinal).Trim();
            }

            await tests.WaitForExitAsync(limit.Token);
            return failed ?? (tests.ExitCode == 0 ? null : $"the test process, which ended with code {tests.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            tests.Kill(entireProcessTree: true);
            return failed ?? $"a hang of {Limit.TotalSeconds:F0} s";
        }
    }
}
