using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>
/// COUNT(*) per key and hopping window over ready columns: 100,000 keys, 100 rows a millisecond, a commit every 20 seconds of event time.
/// The state updates alone, and with the results.
/// </summary>
internal static class HoppingColumns
{
    private const int Rows = 1 << 24;
    private const int Keys = 100_000;
    private const int BatchesPerCommit = 2_000_000 / ChangeBatch.MaxRows;

    /// <summary>Runs it; 0 unless a count is wrong.</summary>
    public static int Run()
    {
        var batches = ColumnPlans.Batches(Rows, Keys);
        var counted = 0L;
        var changes = new long[2];
        Measurement.Print($"hopping count: {Rows} rows of ready columns, {Keys} keys", [
            Measurement.Take("10 s / 2 s: slices by hand, updates", Rows, 16L * Rows,
                () => counted = CountByHand(batches, 10_000, 2_000, withResults: false)),
            Measurement.Take("operator, updates", Rows, 16L * Rows,
                () => CountByOperator(batches, 10_000, 2_000, bySlices: true, withResults: false)),
            Measurement.Take("60 s / 1 s: operator, updates", Rows, 16L * Rows,
                () => CountByOperator(batches, 60_000, 1_000, bySlices: true, withResults: false)),
            Measurement.Take("10 s / 2 s: by hand, windows at their end", Rows, 16L * Rows,
                () => CountByHand(batches, 10_000, 2_000, withResults: true)),
            Measurement.Take("operator, changes of each commit", Rows, 16L * Rows,
                () => changes[0] = CountByOperator(batches, 10_000, 2_000, bySlices: true, withResults: true)),
            Measurement.Take("operator, a table per window", Rows, 16L * Rows,
                () => changes[1] = CountByOperator(batches, 10_000, 2_000, bySlices: false, withResults: true)),
        ]);
        Console.WriteLine(FormattableString.Invariant($"  {changes[0]} changes given out by slices, {changes[1]} by windows"));
        return counted == Rows && changes[0] == changes[1] ? 0 : 1;
    }

    private static long CountByHand(ChangeBatch[] batches, long size, long advance, bool withResults)
    {
        var slices = new OpenTable[size / advance];
        for (var i = 0; i < slices.Length; i++)
            slices[i] = new OpenTable(Keys);
        var window = new OpenTable(Keys);
        var slice = 0L;
        var counted = 0L;
        foreach (var batch in batches)
        {
            var keys = ColumnPlans.Values(batch, 0).AsSpan(0, batch.RowCount);
            var times = batch.RowTime.Values;
            for (var from = 0; from < keys.Length;)
            {
                if (times[from] >= (slice + 1) * advance)
                {
                    if (withResults)
                        Merge(slices, window);
                    slice++;
                    var oldest = slices[slice % slices.Length];
                    counted += oldest.Sum();
                    oldest.Clear();
                }

                var to = from;
                while (to < keys.Length && times[to] < (slice + 1) * advance)
                    to++;
                slices[slice % slices.Length].Count(keys[from..to]);
                from = to;
            }
        }

        return counted + slices.Sum(static table => table.Sum());
    }

    private static void Merge(OpenTable[] slices, OpenTable window)
    {
        window.Clear();
        foreach (var table in slices)
            table.AddTo(window);
    }

    private static long CountByOperator(ChangeBatch[] batches, long size, long advance, bool bySlices, bool withResults)
    {
        var context = ColumnPlans.Context();
        var count = BuiltInFunctions.Registry.FindAggregate("COUNT")!.Bind([], RuleSet.Ksql)!;
        var plan = new LogicalAggregate(
            new ReadyColumns(ColumnPlans.Schema(RelationKind.Stream, ColumnRole.Value, ColumnRole.Value)), [ColumnPlans.Column(0)],
            [new AggregateCall("COUNT", count, [])], new WindowSpec(WindowKind.Hopping, size, advance, 0, size), false,
            ColumnPlans.Schema(RelationKind.Table, ColumnRole.Key, ColumnRole.WindowStart, ColumnRole.WindowEnd, ColumnRole.Value));
        var table = AggregateTable.Create("benchmark", plan, context.Budget, bySlices);
        var target = new StreamAggregateOperator(context, plan, table, withOld: false);
        var changes = 0L;
        for (var b = 0; b < batches.Length; b++)
        {
            target.Push(batches[b]);
            while (target.Pull() is not null)
                throw new InvalidOperationException("a change before the commit");
            if (b % BatchesPerCommit != BatchesPerCommit - 1 && b != batches.Length - 1)
                continue;
            if (withResults)
            {
                target.Signal(OperatorSignal.Commit);
                while (target.Pull() is { } output)
                    changes += output.Selection.Count;
            }

            table.Commit();
        }

        return changes;
    }
}
