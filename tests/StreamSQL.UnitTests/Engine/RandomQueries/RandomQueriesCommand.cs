using System.Diagnostics;
using System.Globalization;

namespace StreamSQL.UnitTests.Engine.RandomQueries;

/// <summary>
/// <c>random-queries COUNT [--seed S]</c>: random continuous queries, each compared in the end with the same SELECT over the finished
/// input. A difference is printed with the smallest query and rows that still show it.
/// </summary>
internal static class RandomQueriesCommand
{
    private const int QueriesPerRun = 25;
    private const int RowsPerKind = 160;
    private const int MaxDifferences = 5;

    /// <summary>Runs the command; the exit code is 0 only when no answers differ.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryRead(arguments, out var count, out var seed))
        {
            Console.Error.WriteLine("usage: random-queries COUNT [--seed S]");
            return 2;
        }

        Console.WriteLine($"random-queries: seed {seed}");
        var time = Stopwatch.StartNew();
        var (done, refused, differences) = (0, 0, 0);
        for (var run = 0; done < count && differences < MaxDifferences; run++)
        {
            var result = await RunAsync(seed, run, Math.Min(QueriesPerRun, count - done));
            done += Math.Min(QueriesPerRun, count - done);
            refused += result.Refused;
            differences += result.Differences;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"random-queries: {done} queries, {refused} refused, {differences} with differences, seed {seed}, " +
                $"{time.Elapsed.TotalSeconds:F0} s"));
        return differences == 0 ? 0 : 1;
    }

    /// <summary>One run; prints its differences.</summary>
    public static async Task<(int Refused, int Differences)> RunAsync(int seed, int number, int count)
    {
        var random = new Random(SeedOf(seed, number));
        var (partitions, isCut) = (random.Next(1, 4), random.Next(4) == 0);
        var rows = InputRows.Make(random, RowsPerKind);
        var generator = new QueryGenerator(random);
        var run = new QueryRun(rows, partitions, isCut);
        var differences = await run.RunAsync([.. Enumerable.Range(0, count).Select(generator.Next)]);
        foreach (var difference in differences.Take(MaxDifferences))
            await PrintAsync(difference, rows, $"seed {seed}, run {number}", partitions, isCut);
        return (run.Refused, differences.Count);
    }

    private static async Task PrintAsync(QueryDifference difference, IReadOnlyList<SourceRow> rows, string name, int partitions, bool isCut)
    {
        Console.WriteLine($"{name}, {partitions} partitions{(isCut ? ", with a power cut" : "")}: {difference.Difference}");
        var shrunk = await new QueryShrinker(partitions, isCut).ShrinkAsync(difference.Query, rows);
        if (shrunk is null)
            Console.WriteLine("  not when it runs alone");
        var query = shrunk?.Difference.Query ?? difference.Query;
        Console.WriteLine($"  {query.Statement}\n  {query.Bounded}");
        if (shrunk is null)
            return;
        Console.WriteLine($"  {shrunk.Value.Difference.Difference}");
        foreach (var row in shrunk.Value.Rows.Take(12))
            Console.WriteLine($"  {row.Source} {row.Key} {row.Time} {row.Value ?? "gone"}");
        Console.WriteLine($"  {shrunk.Value.Rows.Count} rows");
    }

    private static int SeedOf(int seed, int number) => unchecked((seed * 1_000_003) + (number * 7919));

    private static bool TryRead(string[] arguments, out int count, out int seed)
    {
        (count, seed) = (0, Environment.TickCount);
        return arguments switch
        {
            [var c] => int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out count),
            [var c, "--seed", var s] => int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out count)
                && int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
            _ => false,
        };
    }
}
