using System.Text.RegularExpressions;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>The suites of a folder of cases: each a file, read if it is there.</summary>
internal static partial class CaseSuites
{
    private static readonly string[] s_registryFormats = ["AVRO", "PROTOBUF", "PROTOBUF_NOSR", "JSON_SR"];

    /// <summary>The suites in the order in which they are run.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<ConformanceCase> Cases)> Read(string folder, CaseMode mode)
    {
        foreach (var (name, read) in (IEnumerable<(string, Func<string, CaseMode, IEnumerable<ConformanceCase>>)>)
            [("qtt", Queries), ("rqtt", Requests), ("sql", Scripts), ("plans", Plans)])
        {
            var path = Path.Combine(folder, name + ".jsonl");
            if (File.Exists(path) && IsRun(name, mode))
                yield return (name, [.. read(path, mode)]);
        }
    }

    /// <summary>Plans have no records, and an ASSERT takes the next record of a topic, which there is not in several partitions.</summary>
    private static bool IsRun(string suite, CaseMode mode) =>
        (suite, mode) is not (("plans", CaseMode.Batch or CaseMode.Partitions) or ("sql", CaseMode.Partitions));

    private static IEnumerable<ConformanceCase> Queries(string path, CaseMode mode) =>
        QueryCase.ReadFile(path)
            .Select(c => new ConformanceCase(c.Name, FormatsOf(c), ReasonToExclude(c, mode), () => QueryCaseRun.RunAsync(c, mode)));

    private static IEnumerable<ConformanceCase> Requests(string path, CaseMode mode) =>
        QueryCase.ReadFile(path).Select(c => new ConformanceCase(
            c.Name, c.ExpectsError ? "errors" : c.Responses.Count == 0 ? "statements" : "queries", ReasonToExclude(c, mode),
            () => RequestCaseRun.RunAsync(c, mode)));

    private static IEnumerable<ConformanceCase> Scripts(string path, CaseMode mode) =>
        QueryCase.ReadFile(path).Select(c => new ConformanceCase(
            c.Name, c.ExpectsError ? "errors" : "scripts", ReasonToExclude(c, mode), () => ScriptCaseRun.RunAsync(c, mode)));

    /// <summary>Plans belong to query cases, which have the statements.</summary>
    private static IEnumerable<ConformanceCase> Plans(string path, CaseMode mode)
    {
        var cases = QueryCase.ReadFile(Path.Combine(Path.GetDirectoryName(path)!, "qtt.jsonl")).ToDictionary(static c => c.Id);
        return PlannedSchemas.ReadFile(path).Where(plan => cases.ContainsKey(plan.Id)).Select(plan =>
            new ConformanceCase(plan.Name, FormatsOf(cases[plan.Id]), ReasonToExclude(cases[plan.Id], mode),
                () => PlanCaseRun.RunAsync(cases[plan.Id], plan, mode)));
    }

    private static string FormatsOf(QueryCase queryCase) =>
        queryCase.ExpectsError ? "errors" : queryCase.Formats.Any(s_registryFormats.Contains) ? "Schema Registry formats" : "plain formats";

    [GeneratedRegex(@"\bROW(PARTITION|OFFSET)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Place();

    [GeneratedRegex(@"\bGRACE\s+PERIOD\b|\bEMIT\s+FINAL\b", RegexOptions.IgnoreCase)]
    private static partial Regex Closing();

    [GeneratedRegex(@"\bLIMIT\s+\d", RegexOptions.IgnoreCase)]
    private static partial Regex Unordered();

    private static string? ReasonToExclude(QueryCase queryCase, CaseMode mode)
    {
        if (!queryCase.IsEnabled)
            return "switched off in ksqlDB itself";
        if (queryCase.ForeignFunctions.Count > 0)
            return "calls functions that exist only in ksqlDB's test code";
        return mode switch
        {
            CaseMode.Partitions when queryCase.Statements.Any(Place().IsMatch) => "asks for the partition or the offset of a record",
            CaseMode.Partitions when queryCase.Statements.Any(Closing().IsMatch) => "closes windows or joins by the time of one partition",
            CaseMode.Partitions when queryCase.FeedsRunningQuery || queryCase.Statements.Any(Unordered().IsMatch) =>
                "takes the first rows that come",
            _ => null,
        };
    }
}
