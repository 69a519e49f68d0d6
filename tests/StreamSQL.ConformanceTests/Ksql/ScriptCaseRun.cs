namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>Runs a script statement by statement; what a statement inserts goes through all queries before the next. ASSERT statements do the comparing.</summary>
internal static class ScriptCaseRun
{
    public static Task<CaseOutcome> RunAsync(QueryCase queryCase) => QueryCaseRun.RunAsync(queryCase, async run =>
    {
        foreach (var statement in queryCase.Statements)
        {
            if (await run.ExecuteAsync(statement) is { } error)
                return run.JudgeError(error, statement);
            await run.Engine.Engine.WaitUntilCaughtUpAsync(run.Cancellation);
        }

        return queryCase.ExpectsError ? run.NoError() : new(null);
    });
}
