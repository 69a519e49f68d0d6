namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>The suites of a folder of cases: each a file, read if it is there.</summary>
internal static class CaseSuites
{
    private static readonly string[] s_registryFormats = ["AVRO", "PROTOBUF", "PROTOBUF_NOSR", "JSON_SR"];

    /// <summary>The suites in the order in which they are run.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<ConformanceCase> Cases)> Read(string folder)
    {
        foreach (var (name, read) in (IEnumerable<(string, Func<string, IEnumerable<ConformanceCase>>)>)
            [("qtt", Queries), ("rqtt", Requests), ("sql", Scripts), ("plans", Plans)])
        {
            var path = Path.Combine(folder, name + ".jsonl");
            if (File.Exists(path))
                yield return (name, [.. read(path)]);
        }
    }

    private static IEnumerable<ConformanceCase> Queries(string path) =>
        QueryCase.ReadFile(path).Select(static c => new ConformanceCase(c.Name, FormatsOf(c), ReasonToExclude(c), () => QueryCaseRun.RunAsync(c)));

    private static IEnumerable<ConformanceCase> Requests(string path) => QueryCase.ReadFile(path).Select(static c => new ConformanceCase(
        c.Name, c.ExpectsError ? "errors" : c.Responses.Count == 0 ? "statements" : "queries", ReasonToExclude(c), () => RequestCaseRun.RunAsync(c)));

    private static IEnumerable<ConformanceCase> Scripts(string path) => QueryCase.ReadFile(path).Select(static c => new ConformanceCase(
        c.Name, c.ExpectsError ? "errors" : "scripts", ReasonToExclude(c), () => ScriptCaseRun.RunAsync(c)));

    /// <summary>Plans belong to query cases, which have the statements.</summary>
    private static IEnumerable<ConformanceCase> Plans(string path)
    {
        var cases = QueryCase.ReadFile(Path.Combine(Path.GetDirectoryName(path)!, "qtt.jsonl")).ToDictionary(static c => c.Id);
        return PlannedSchemas.ReadFile(path).Where(plan => cases.ContainsKey(plan.Id)).Select(plan =>
            new ConformanceCase(plan.Name, FormatsOf(cases[plan.Id]), ReasonToExclude(cases[plan.Id]), () => PlanCaseRun.RunAsync(cases[plan.Id], plan)));
    }

    private static string FormatsOf(QueryCase queryCase) =>
        queryCase.ExpectsError ? "errors" : queryCase.Formats.Any(s_registryFormats.Contains) ? "Schema Registry formats" : "plain formats";

    private static string? ReasonToExclude(QueryCase queryCase)
    {
        if (!queryCase.IsEnabled)
            return "switched off in ksqlDB itself";
        return queryCase.ForeignFunctions.Count > 0 ? "calls functions that exist only in ksqlDB's test code" : null;
    }
}
