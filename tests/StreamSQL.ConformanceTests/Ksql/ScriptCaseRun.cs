using System.Text.RegularExpressions;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Runs a script statement by statement; what a statement inserts goes through all queries before the next, and a query
/// sees what is inserted after it was made. ASSERT statements do the comparing. Where the mode is a
/// power cut, it comes before the first of them.
/// </summary>
internal static partial class ScriptCaseRun
{
    public static Task<CaseOutcome> RunAsync(QueryCase queryCase, CaseMode mode) => QueryCaseRun.RunAsync(queryCase, mode, async run =>
    {
        await run.CreateTopicsAsync();
        var statements = queryCase.Statements;
        var crashAt = mode == CaseMode.Restart ? statements.TakeWhile(static statement => !IsAssertion(statement)).Count() : -1;
        for (var i = 0; i < statements.Count; i++)
        {
            if (i == crashAt)
                await CrashAsync(run, statements.Take(i));
            if (await run.ExecuteAsync(statements[i]) is { } error)
                return run.JudgeError(error, statements[i], isExpected: i + 1 == statements.Count || IsAssertion(statements[i]));
            if (mode != CaseMode.Batch || i + 1 == statements.Count || InsertTarget(statements[i]) is not { } target
                || InsertTarget(statements[i + 1]) != target)
                await run.Engine.Engine.WaitUntilCaughtUpAsync(run.Cancellation);
        }

        return queryCase.ExpectsError ? run.NoError() : new(null);
    }, new() { ["auto.offset.reset"] = "latest" });

    // What a session knows does not outlive it.
    private static async Task CrashAsync(QueryCaseRun run, IEnumerable<string> before)
    {
        await run.CrashAsync();
        foreach (var statement in before.Where(static statement => SessionStatement().IsMatch(statement)))
            await run.ExecuteAsync(statement);
    }

    private static string? InsertTarget(string statement) =>
        Insert().Match(statement) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^\s*INSERT\s+INTO\s+(\S+)[^;]*\bVALUES\b", RegexOptions.IgnoreCase)]
    private static partial Regex Insert();

    [GeneratedRegex(@"^\s*(SET|UNSET|DEFINE|UNDEFINE)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SessionStatement();

    // A script ends at its first error; where it expects one of its own assertions to fail, that need not be the last of them.
    private static bool IsAssertion(string statement) => statement.StartsWith("ASSERT ", StringComparison.OrdinalIgnoreCase);
}
