using System.Diagnostics;
using System.Globalization;
using StreamSQL.ConformanceTests.Differential.Generation;
using StreamSQL.ConformanceTests.Differential.Sql;

namespace StreamSQL.ConformanceTests.Differential;

/// <summary>One run: the same tables in both servers, then query after query.</summary>
internal sealed class DifferentialRun(Subject expected, Subject actual, DifferentialOptions options, TextWriter output)
{
    private int _rows;
    private int _empty;
    private int _errors;
    private int _lost;
    private int _number;

    /// <summary>0 when nothing differed.</summary>
    public async Task<int> RunAsync(int shrinkTries, int shownAtMost)
    {
        var watch = Stopwatch.StartNew();
        var tables = SampleTables.Create(options.Seed);
        await FillAsync(tables);
        var capabilities = await Capabilities.DetectAsync(actual);
        if (capabilities.Missing.Count > 0)
            output.WriteLine($"not here yet, left out: {string.Join("; ", capabilities.Missing)}");
        var differences = 0;
        var shown = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = options.First; i < options.First + options.Count; i++)
        {
            var query = new QueryGenerator(new Random(HashCode(options.Seed, i)), tables, capabilities).Next();
            var text = i % 2 == 0;
            _number = i;
            if (await CompareAsync(query, query.Node, text, count: true) is not { } difference)
                continue;
            differences++;
            var sort = $"{difference.Kind} {(difference.Kind is "rows" or "count" or "order" ? "" : difference.Actual)}";
            if ((shown[sort] = shown.GetValueOrDefault(sort) + 1) > shownAtMost)
                continue;
            var small = await Shrinker.ShrinkAsync(query.Node, shrinkTries, async smaller =>
                await CompareAsync(query, smaller, text, count: false) is { } other && other.Kind == difference.Kind);
            Show(text, small.Render(), await CompareAsync(query, small, text, count: false) ?? difference);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"differential: {(differences + _lost == 0 ? "clean" : "failed")}: {options.Count} queries, {_rows} rows, {_empty} without " +
                $"rows, {_errors} refused by both, {differences} differences, {_lost} connections lost, seed {options.Seed}, " +
                $"{watch.Elapsed.TotalSeconds:F0} s"));
        return differences + _lost == 0 ? 0 : 1;
    }

    /// <summary>The same on every machine and in every run, unlike <see cref="System.HashCode"/>.</summary>
    private static int HashCode(int seed, int index) =>
        (int)(((ulong)(uint)seed * 0x9E3779B97F4A7C15UL + (ulong)(uint)index * 0xBF58476D1CE4E5B9UL) >> 33);

    private async Task FillAsync(IReadOnlyList<SampleTable> tables)
    {
        foreach (var table in tables)
        {
            foreach (var statement in SampleTables.CreateStatements(table, inPostgres: true))
                await expected.ExecuteAsync(statement.StartsWith("CREATE", StringComparison.Ordinal) ? statement.Replace("CREATE TABLE",
                    "CREATE TEMPORARY TABLE", StringComparison.Ordinal) : statement);
            foreach (var statement in SampleTables.CreateStatements(table, inPostgres: false))
                await actual.ExecuteAsync(statement);
        }
    }

    private async Task<Difference?> CompareAsync(GeneratedQuery query, SqlNode node, bool text, bool count)
    {
        var statement = node.Render();
        var wanted = await expected.QueryAsync(statement, text);
        var got = await actual.QueryAsync(statement, text);
        if (got.SqlState == Outcome.Lost)
        {
            // Not made smaller: whatever the query was on its way to, a connection must not break.
            _lost++;
            Show(text, statement, new("lost", $"{wanted.SqlState ?? $"{wanted.Rows.Count} rows"}", got.Message!));
        }

        if (count)
        {
            _rows += wanted.Rows.Count;
            _empty += wanted.SqlState is null && wanted.Rows.Count == 0 ? 1 : 0;
            _errors += wanted.SqlState is not null && got.SqlState is not null ? 1 : 0;
        }

        var ordered = query.Ordered.All(column => column < wanted.Columns.Count) ? query.Ordered : [];
        return new OutcomeComparison(query.CountsZeros).Compare(wanted, got, ordered);
    }

    private void Show(bool text, GeneratedStatement statement, Difference difference)
    {
        output.WriteLine($"-- query {_number}, {(text ? "text" : "binary")}: {difference.Kind}");
        output.WriteLine($"   {statement.Text}");
        for (var i = 0; i < statement.Parameters.Count; i++)
            output.WriteLine($"   ${i + 1} = {statement.Parameters[i].Value ?? "NULL"} ({statement.Parameters[i].Type})");
        output.WriteLine($"   PostgreSQL: {difference.Expected}");
        output.WriteLine($"   StreamSQL:  {difference.Actual}");
    }
}
