using System.Globalization;
using StreamSQL.Data.Errors;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>A query whose two answers differ.</summary>
/// <param name="Query">The query.</param>
/// <param name="Difference">How.</param>
internal sealed record QueryDifference(RandomQuery Query, string Difference);

/// <summary>
/// Runs some queries over the same rows, some of them from the start and the others over what has come
/// by then, and compares what they say in the end.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="partitions">How many partitions each source has.</param>
/// <param name="isCut">Whether the power is cut half-way.</param>
internal sealed class QueryRun(IReadOnlyList<SourceRow> rows, int partitions, bool isCut)
{
    private const int RowsAtOnce = 40;
    private const int ShownRows = 3;

    /// <summary>Queries that were refused; by both ways of asking, or they are differences.</summary>
    public int Refused { get; private set; }

    /// <summary>The queries whose answers differ.</summary>
    public async Task<List<QueryDifference>> RunAsync(IReadOnlyList<RandomQuery> queries)
    {
        var engine = await EngineHarness.StartAsync();
        try
        {
            foreach (var source in InputRows.Tables.Concat(InputRows.Streams))
                await engine.RunAsync(InputRows.Statement(source, partitions));
            var accepted = new List<RandomQuery>();
            await CreateAsync(engine, queries.Where(static query => query.Number % 2 == 0), accepted);
            var half = Math.Min(rows.Count / 2, rows.Count(static row => row.Time < InputRows.ClosingMs));
            await ProduceAsync(engine, rows.Take(half));
            await CreateAsync(engine, queries.Where(static query => query.Number % 2 == 1), accepted);
            if (isCut)
                engine = await CutAsync(engine);
            await ProduceAsync(engine, rows.Skip(half).Where(static row => row.Time < InputRows.ClosingMs));
            await engine.CaughtUpAsync(); // or the rows that close windows make others late
            await ProduceAsync(engine, rows.Skip(half).Where(static row => row.Time >= InputRows.ClosingMs));
            await engine.CaughtUpAsync();
            return await CompareAsync(engine, accepted);
        }
        finally
        {
            await engine.DisposeAsync();
        }
    }

    private static async Task<EngineHarness> CutAsync(EngineHarness engine)
    {
        var disk = engine.Disk.PowerCut();
        await engine.DisposeAsync();
        return await EngineHarness.StartAsync(disk);
    }

    private async Task CreateAsync(EngineHarness engine, IEnumerable<RandomQuery> queries, List<RandomQuery> accepted)
    {
        foreach (var query in queries)
        {
            try
            {
                await engine.RunAsync(query.Statement);
                accepted.Add(query);
            }
            catch (SqlException)
            {
                Refused++;
            }
        }
    }

    private async Task ProduceAsync(EngineHarness engine, IEnumerable<SourceRow> some)
    {
        // Tables come first: a row of a stream meets a table as it is then.
        foreach (var chunk in some.Chunk(RowsAtOnce))
        {
            foreach (var group in chunk.GroupBy(static row => row.Source))
                await engine.ProduceRowsAsync(group.Key, partitions, group.Select(static row => (row.Key, row.Value, row.Time)));
        }
    }

    private static async Task<List<QueryDifference>> CompareAsync(EngineHarness engine, List<RandomQuery> queries)
    {
        var failures = engine.Engine.Queries.Where(static query => query.LastError is not null)
            .ToDictionary(static query => query.Sink, static query => query.LastError);
        await using var bounded = engine.Engine.CreateSession("tester", "streamsql");
        var differences = new List<QueryDifference>();
        foreach (var query in queries)
        {
            var difference = failures.GetValueOrDefault(query.Name.ToUpperInvariant());
            difference ??= await CompareAsync(engine, bounded, query);
            if (difference is not null)
                differences.Add(new QueryDifference(query, difference));
        }

        return differences;
    }

    private static async Task<string?> CompareAsync(EngineHarness engine, StreamSQL.Engine.Sessions.Session bounded, RandomQuery query)
    {
        List<string> wanted;
        try
        {
            wanted = await EngineHarness.RunAsync(bounded, query.Bounded);
        }
        catch (SqlException error)
        {
            return $"the bounded query fails: {error.Message}";
        }

        var left = (await engine.RunAsync(query.Read)).Order(StringComparer.Ordinal).ToList();
        var missing = new List<string>();
        foreach (var row in wanted.Order(StringComparer.Ordinal))
        {
            if (!left.Remove(row))
                missing.Add(row);
        }

        return missing.Count == 0 && left.Count == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{missing.Count} rows missing ({string.Join("  ", missing.Take(ShownRows))}), {left.Count} too many (" +
                $"{string.Join("  ", left.Take(ShownRows))})");
    }
}
