using System.Text.Json;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>
/// Runs a case of statements, then records, then pull and push queries: the rows of each are compared
/// as a multiset, and the names and types of its columns.
/// </summary>
internal static class RequestCaseRun
{
    public static Task<CaseOutcome> RunAsync(QueryCase queryCase, CaseMode mode) => QueryCaseRun.RunAsync(queryCase, mode, async run =>
    {
        await run.CreateTopicsAsync();
        var queries = queryCase.Statements.Where(IsQuery).ToList();
        foreach (var statement in queryCase.Statements.Where(static statement => !IsQuery(statement)))
        {
            if (await run.ExecuteAsync(statement) is { } error)
                return run.JudgeError(error, statement);
        }

        if (!queryCase.FeedsRunningQuery)
            await run.FeedAsync();
        else if (mode == CaseMode.Restart)
            await run.CrashAsync();
        for (var i = 0; i < queries.Count; i++)
        {
            var expected = i < queryCase.Responses.Count ? queryCase.Responses[i] : null;
            try
            {
                if (await CompareAsync(run, queries[i], expected, queryCase.FeedsRunningQuery) is { } difference)
                    return new($"{difference}\n    {queries[i]}");
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                return run.JudgeError(error, queries[i]);
            }
        }

        return queryCase.ExpectsError ? run.NoError() : new(run.CompareSources(queryCase.Sources) ?? await run.CompareTopicsAsync());
    });

    private static bool IsQuery(string statement) => statement.StartsWith("SELECT ", StringComparison.OrdinalIgnoreCase);

    private static async Task<string?> CompareAsync(QueryCaseRun run, string query, ExpectedRows? expected, bool feed)
    {
        var session = run.Engine.Session;
        var prepared = session.Prepare(session.Parse(query).Single(), []);
        await using var result = await session.ExecuteAsync(prepared, [], run.Cancellation);
        if (feed)
            await run.FeedAsync();
        var rows = await ReadAsync(result, expected, run.Cancellation);
        if (expected is null)
            return null;
        var schema = string.Join(", ", result.Columns!.Select(static column => $"`{column.Name}` {SourceComparison.Name(column.Type)}"));
        if (expected.Schema is { } wanted && wanted.Replace(" KEY", "", StringComparison.Ordinal) != schema)
            return $"the columns are {schema}, expected {wanted}";
        return CompareRows(expected.Rows, rows);
    }

    /// <summary>Reads to the end; a query that need not end, until it has given as many rows as are expected.</summary>
    private static async Task<List<JsonElement>> ReadAsync(StatementResult result, ExpectedRows? expected, CancellationToken cancellation)
    {
        var rows = new List<JsonElement>();
        while ((!result.IsContinuous || expected is null or { Ends: true } || rows.Count < expected.Rows.Count)
            && await result.ReadAsync(cancellation) is { } batch)
        {
            for (var i = 0; i < batch.Selection.Count; i++)
                rows.Add(RowJson.Read(batch, batch.Selection[i]));
        }

        return rows;
    }

    private static string? CompareRows(IReadOnlyList<JsonElement> expected, List<JsonElement> actual)
    {
        var left = actual.ToList();
        foreach (var row in expected)
        {
            var at = left.FindIndex(candidate => JsonComparison.Matches(row, candidate, exactNumbers: true));
            if (at < 0)
                return $"expected the row {row.GetRawText()}, got {(left.Count == 0 ? "no more rows" : string.Join(' ', left.Take(5)))}";
            left.RemoveAt(at);
        }

        return left.Count == 0 ? null : $"{actual.Count} rows, expected {expected.Count}; too much is {string.Join(' ', left.Take(5))}";
    }
}
