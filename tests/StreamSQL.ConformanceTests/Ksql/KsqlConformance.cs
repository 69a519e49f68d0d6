using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>The command <c>ksql DIR [--filter TEXT] [--report FILE.tsv]</c>: ksqlDB's own cases against this engine.</summary>
internal static class KsqlConformance
{
    private static readonly string[] s_registryFormats = ["AVRO", "PROTOBUF", "PROTOBUF_NOSR", "JSON_SR"];

    /// <summary>Runs the cases; 0 when all pass.</summary>
    public static async Task<int> RunAsync(string folder, IReadOnlyList<string> options, TextWriter output)
    {
        var filter = Option(options, "--filter");
        var cases = QueryCase.ReadFile(Path.Combine(folder, "qtt.jsonl")).Where(c => filter is null || c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        var excluded = cases.GroupBy(ReasonToExclude).Where(static group => group.Key is not null).ToList();
        var running = cases.Where(static c => ReasonToExclude(c) is null).ToList();
        var watch = Stopwatch.StartNew();
        var outcomes = new ConcurrentDictionary<QueryCase, CaseOutcome>();
        await Parallel.ForEachAsync(
            running, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (queryCase, _) => outcomes[queryCase] = await QueryCaseRun.RunAsync(queryCase));

        foreach (var queryCase in running.Where(c => outcomes[c].Failure is not null))
            output.WriteLine($"FAILED {queryCase.Name}\n  {outcomes[queryCase].Failure}");
        foreach (var group in excluded)
            output.WriteLine($"excluded {group.Count()}: {group.Key}");
        foreach (var group in running.GroupBy(KindOf).OrderBy(static group => group.Key, StringComparer.Ordinal))
            output.WriteLine($"qtt {group.Key}: passed {group.Count(c => outcomes[c].Failure is null)} of {group.Count()}");
        var phrases = outcomes.Values.Where(static outcome => outcome.HasPhrase is not null).ToList();
        output.WriteLine($"qtt errors with ksqlDB's words in them: {phrases.Count(static outcome => outcome.HasPhrase is true)} of {phrases.Count}");
        if (Option(options, "--report") is { } report)
            WriteReport(report, running, outcomes);
        var passed = outcomes.Values.Count(static outcome => outcome.Failure is null);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"qtt: passed {passed}, failed {running.Count - passed}, excluded {cases.Count - running.Count} in {watch.Elapsed.TotalSeconds:F0} s"));
        return passed == running.Count ? 0 : 1;
    }

    /// <summary>Says how to use it.</summary>
    public static int ShowUsage(TextWriter output)
    {
        output.WriteLine("usage: ksql FOLDER [--filter TEXT] [--report FILE.tsv]   runs FOLDER/qtt.jsonl against an engine in this process");
        return 2;
    }

    private static string? ReasonToExclude(QueryCase queryCase)
    {
        if (!queryCase.IsEnabled)
            return "switched off in ksqlDB itself";
        return queryCase.ForeignFunctions.Count > 0 ? "calls functions that exist only in ksqlDB's test code" : null;
    }

    private static string KindOf(QueryCase queryCase) =>
        queryCase.ExpectsError ? "errors" : queryCase.Formats.Any(s_registryFormats.Contains) ? "Schema Registry formats" : "plain formats";

    private static void WriteReport(string path, List<QueryCase> cases, ConcurrentDictionary<QueryCase, CaseOutcome> outcomes) => File.WriteAllLines(
        path, cases.Select(c => $"{(outcomes[c].Failure is null ? "passed" : "failed")}\t{KindOf(c)}\t{c.Name}\t{outcomes[c].Failure?.ReplaceLineEndings(" ")}"));

    private static string? Option(IReadOnlyList<string> options, string name)
    {
        var at = options.ToList().IndexOf(name);
        return at >= 0 && at + 1 < options.Count ? options[at + 1] : null;
    }
}
