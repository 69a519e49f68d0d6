using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// The command <c>ksql DIR [--mode batch|restart|partitions] [--filter TEXT] [--suite NAME] [--report
/// FILE.tsv]</c>: ksqlDB's own cases against this engine.
/// </summary>
internal static class KsqlConformance
{
    /// <summary>Runs the cases; 0 when all pass.</summary>
    public static async Task<int> RunAsync(string folder, IReadOnlyList<string> options, TextWriter output)
    {
        var filter = Option(options, "--filter");
        var only = Option(options, "--suite");
        if (CaseModes.Parse(Option(options, "--mode")) is not { } mode)
            return ShowUsage(output);
        var report = new List<string>();
        var summaries = new List<string>();
        var failed = 0;
        foreach (var (suite, all) in CaseSuites.Read(folder, mode))
        {
            if (only is not null && only != suite)
                continue;
            var cases = all.Where(c => filter is null || c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
            var watch = Stopwatch.StartNew();
            var outcomes = await RunAsync(cases);
            WriteFailures(suite, cases, outcomes, output);
            WriteGroups(suite, cases, outcomes, output);
            report.AddRange(outcomes.OrderBy(static pair => pair.Key.Name, StringComparer.Ordinal).Select(pair =>
                $"{(pair.Value.Failure is null ? "passed" : "failed")}\t{suite}\t{pair.Key.Group}\t{pair.Key.Name}\t" +
                    $"{pair.Value.HasPhrase}\t{(pair.Value.Failure ?? pair.Value.Error)?.ReplaceLineEndings(" ")}"));
            var passed = outcomes.Values.Count(static outcome => outcome.Failure is null);
            failed += outcomes.Count - passed;
            summaries.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{suite}: passed {passed}, failed {outcomes.Count - passed}, excluded {cases.Count - outcomes.Count} in " +
                    $"{watch.Elapsed.TotalSeconds:F0} s"));
        }

        foreach (var summary in summaries)
            output.WriteLine(summary);
        if (Option(options, "--report") is { } path)
            await File.WriteAllLinesAsync(path, report);
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Says how to use it.</summary>
    public static int ShowUsage(TextWriter output)
    {
        output.WriteLine("usage: ksql FOLDER [--mode batch|restart|partitions] [--filter TEXT] [--suite qtt|rqtt|sql|plans] [--report " +
            "FILE.tsv]   runs the suites in FOLDER against an engine in this process");
        return 2;
    }

    private static async Task<Dictionary<ConformanceCase, CaseOutcome>> RunAsync(IEnumerable<ConformanceCase> cases)
    {
        var outcomes = new ConcurrentDictionary<ConformanceCase, CaseOutcome>();
        await Parallel.ForEachAsync(
            cases.Where(static c => c.Exclusion is null), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (conformanceCase, _) => outcomes[conformanceCase] = await RunAsync(conformanceCase));
        return outcomes.ToDictionary();
    }

    /// <summary>A case that the runner cannot read or feed has failed, and the others go on.</summary>
    private static async Task<CaseOutcome> RunAsync(ConformanceCase conformanceCase)
    {
        try
        {
            return await conformanceCase.RunAsync();
        }
        catch (Exception error)
        {
            return new($"the runner fails: {error}");
        }
    }

    private static void WriteFailures(string suite, List<ConformanceCase> cases, Dictionary<ConformanceCase, CaseOutcome> outcomes,
        TextWriter output)
    {
        foreach (var conformanceCase in cases)
        {
            if (outcomes.TryGetValue(conformanceCase, out var outcome) && outcome.Failure is not null)
                output.WriteLine($"FAILED {suite} {conformanceCase.Name}\n  {outcome.Failure}");
        }
    }

    private static void WriteGroups(string suite, List<ConformanceCase> cases, Dictionary<ConformanceCase, CaseOutcome> outcomes,
        TextWriter output)
    {
        foreach (var group in cases.Where(static c => c.Exclusion is not null).GroupBy(static c => c.Exclusion))
            output.WriteLine($"{suite} excluded {group.Count()}: {group.Key}");
        foreach (var group in outcomes.GroupBy(static pair => pair.Key.Group).OrderBy(static group => group.Key, StringComparer.Ordinal))
            output.WriteLine($"{suite} {group.Key}: passed {group.Count(static pair => pair.Value.Failure is null)} of {group.Count()}");
        var phrases = outcomes.Values.Where(static outcome => outcome.HasPhrase is not null).ToList();
        if (phrases.Count > 0)
            output.WriteLine($"{suite} errors with ksqlDB's words in them: " +
                $"{phrases.Count(static outcome => outcome.HasPhrase is true)} of {phrases.Count}");
    }

    private static string? Option(IReadOnlyList<string> options, string name)
    {
        var at = options.ToList().IndexOf(name);
        return at >= 0 && at + 1 < options.Count ? options[at + 1] : null;
    }
}
