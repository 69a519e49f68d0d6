namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Runs the statements of a case without records, and compares what they made: kinds, columns, types, formats and windows.
/// </summary>
internal static class PlanCaseRun
{
    public static Task<CaseOutcome> RunAsync(QueryCase queryCase, PlannedSchemas plan, CaseMode mode) =>
        QueryCaseRun.RunAsync(queryCase, mode, async run =>
        {
            await run.CreateTopicsAsync();
            foreach (var statement in queryCase.Statements)
            {
                if (await run.ExecuteAsync(statement) is { } error)
                    return run.JudgeError(error, statement);
            }

            if (mode == CaseMode.Restart)
                await run.CrashAsync();
            return new(run.CompareSources(plan.Sources));
        });
}
