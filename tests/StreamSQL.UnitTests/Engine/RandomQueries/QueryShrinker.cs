namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>Makes a query whose answers differ, and the rows that it needs for it, smaller.</summary>
internal sealed class QueryShrinker(int partitions, bool isCut)
{
    private const int MaxTrials = 80;

    private int _trials;

    /// <summary>The smallest query and rows found that still differ.</summary>
    public async Task<(QueryDifference Difference, IReadOnlyList<SourceRow> Rows)?> ShrinkAsync(RandomQuery query,
        IReadOnlyList<SourceRow> rows)
    {
        if (await DifferenceAsync(query, rows) is not { } found)
            return null;
        var isSmaller = true;
        while (isSmaller && _trials < MaxTrials)
        {
            isSmaller = false;
            foreach (var (smaller, fewer) in Smaller(found.Query, rows))
            {
                if (_trials >= MaxTrials || await DifferenceAsync(smaller, fewer) is not { } difference)
                    continue;
                (found, rows, isSmaller) = (difference, fewer, true);
                break;
            }
        }

        return (found, rows);
    }

    private async Task<QueryDifference?> DifferenceAsync(RandomQuery query, IReadOnlyList<SourceRow> rows)
    {
        _trials++;
        return (await new QueryRun(rows, partitions, isCut).RunAsync([query])).SingleOrDefault();
    }

    private static IEnumerable<(RandomQuery Query, IReadOnlyList<SourceRow> Rows)> Smaller(RandomQuery query, IReadOnlyList<SourceRow> rows)
    {
        for (var part = 2; part <= 16 && rows.Count >= part; part *= 2)
        {
            for (var i = 0; i < part; i++)
            {
                var (start, count) = (i * rows.Count / part, rows.Count / part);
                yield return (query, [.. rows.Take(start), .. rows.Skip(start + count)]);
            }
        }

        for (var i = 0; i < query.Items.Count && query.Items.Count > 1; i++)
            yield return (query with { Items = [.. query.Items.Where((_, at) => at != i)] }, rows);
        for (var i = 0; i < query.Filters.Count; i++)
            yield return (query with { Filters = [.. query.Filters.Where((_, at) => at != i)] }, rows);
        if (query.Least > 0)
            yield return (query with { Least = 0 }, rows);
    }
}
