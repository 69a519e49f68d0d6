using System.Diagnostics;
using StreamSQL.ClusterTests.Support;

namespace StreamSQL.PlantedBugs;

/// <summary>
/// <c>planted-bugs [NAME...]</c>: builds the unit tests with the planted bugs, wakes one after another and shows which test catches it, and how
/// fast. Without a name, all of them.
/// </summary>
internal static class PlantedBugsCommand
{
    private const string Tests = "artifacts/planted-bugs/bin/StreamSQL.UnitTests/release/StreamSQL.UnitTests.dll";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly string[] Namespaces = ["StreamSQL.UnitTests.Storage*", "StreamSQL.UnitTests.Broker*"];

    public static async Task<int> RunAsync(string[] names)
    {
        PlantedBug[] bugs = names.Length == 0 ? Enum.GetValues<PlantedBug>() : [.. names.Select(Enum.Parse<PlantedBug>)];
        if (!await BuildAsync())
            return 1;
        if (await FirstFailureAsync(awake: null) is { } broken)
        {
            Console.WriteLine($"planted-bugs: without a bug, {broken} fails: nothing can be told");
            return 1;
        }

        var missed = 0;
        foreach (PlantedBug bug in bugs)
        {
            var started = Stopwatch.StartNew();
            var caughtBy = await FirstFailureAsync(bug);
            missed += caughtBy is null ? 1 : 0;
            Console.WriteLine($"{bug,-28} {started.Elapsed.TotalSeconds,6:F1} s  {caughtBy ?? "NOT CAUGHT"}");
        }

        Console.WriteLine($"planted-bugs: {bugs.Length} planted, {bugs.Length - missed} caught, {missed} not caught");
        return missed == 0 ? 0 : 1;
    }

    private static async Task<bool> BuildAsync()
    {
        string[] arguments = ["build", "tests/StreamSQL.UnitTests", "-c", "Release", "-v", "q", "--nologo", "-p:PlantedBugs=true"];
        using var build = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = Repository.Root })!;
        await build.WaitForExitAsync();
        return build.ExitCode == 0;
    }

    /// <summary>Runs the tests with a bug awake up to the first that fails; null when none does. A test that hangs has failed.</summary>
    private static async Task<string?> FirstFailureAsync(PlantedBug? awake)
    {
        var start = new ProcessStartInfo("dotnet", [Tests, "-noLogo", "-noColor", "-stopOnFail"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        foreach (var name in Namespaces)
        {
            start.ArgumentList.Add("-namespace");
            start.ArgumentList.Add(name);
        }

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
