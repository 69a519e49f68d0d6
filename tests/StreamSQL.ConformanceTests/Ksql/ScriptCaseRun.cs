namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Runs a script statement by statement; what a statement inserts goes through all queries before the next, and a query
/// sees what is inserted after it was made. ASSERT statements do the comparing.
/// </summary>
internal static class ScriptCaseRun
{
    public static Task<CaseOutcome> RunAsync(QueryCase queryCase) => QueryCaseRun.RunAsync(queryCase, async run =>
    {
        await run.CreateTopicsAsync();
        foreach (var statement in queryCase.Statements)
        {
            if (await run.ExecuteAsync(statement) is { } error)
                return run.JudgeError(error, statement, isExpected: ReferenceEquals(statement, queryCase.Statements[^1]) || IsAssertion(statement));
            await run.Engine.Engine.WaitUntilCaughtUpAsync(run.Cancellation);
        }

        return queryCase.ExpectsError ? run.NoError() : new(null);
    }, new() { ["auto.offset.reset"] = "latest" });

    // A script ends at its first error; where it expects one of its own assertions to fail, that need not be the last of them.
    private static bool IsAssertion(string statement) => statement.StartsWith("ASSERT ", StringComparison.OrdinalIgnoreCase);
}
