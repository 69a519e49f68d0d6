using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>
/// COUNT(*) per key and 10-second tumbling window over ready columns: 100,000 keys, 1,000,000 rows a window, a commit every two windows.
/// </summary>
internal static class WindowCountColumns
{
    private const int Rows = 1 << 25;
    private const int Keys = 100_000;
    private const long WindowMs = 10_000;
    private const int BatchesPerCommit = 2_000_000 / ChangeBatch.MaxRows;

    /// <summary>Runs it; 0 unless a count is wrong.</summary>
    public static int Run()
    {
        var batches = ColumnPlans.Batches(Rows, Keys);
        var count = BuiltInFunctions.Registry.FindAggregate("COUNT")!.Bind([], RuleSet.Ksql)!;
        var plan = new LogicalAggregate(
            new ReadyColumns(ColumnPlans.Schema(RelationKind.Stream, ColumnRole.Value, ColumnRole.Value)), [ColumnPlans.Column(0)],
            [new AggregateCall("COUNT", count, [])], new WindowSpec(WindowKind.Tumbling, WindowMs, WindowMs, 0, WindowMs), false,
            ColumnPlans.Schema(RelationKind.Table, ColumnRole.Key, ColumnRole.WindowStart, ColumnRole.WindowEnd, ColumnRole.Value));
        long changes = 0, counted = 0, allocated = 0;
        Measurement.Print($"window count: {Rows} rows of ready columns, {Keys} keys", [
            Measurement.Take("open addressing by hand", Rows, 16L * Rows, () => counted = CountByHand(batches)),
            Measurement.Take("operator", Rows, 16L * Rows, () => changes = CountByOperator(batches, plan, out allocated)),
            Measurement.Take("Dictionary by hand", Rows, 16L * Rows, () => CountByDictionary(batches)),
        ]);
        Console.WriteLine(FormattableString.Invariant(
            $"  {changes} changes given out; {2.0 * allocated / Rows:F3} B/rec allocated in the second half of a run, when windows are recycled"));
        return counted == Rows && changes > 0 ? 0 : 1;
    }

    private static long CountByHand(ChangeBatch[] batches)
    {
        var table = new OpenTable(Keys);
        var window = 0L;
        var counted = 0L;
        foreach (var batch in batches)
        {
            var keys = ColumnPlans.Values(batch, 0).AsSpan(0, batch.RowCount);
            var times = batch.RowTime.Values;
            var from = 0;
            while (from < keys.Length)
            {
                if (times[from] >= window + WindowMs)
                {
                    counted += table.Sum();
                    table.Clear();
                    window = times[from] - (times[from] % WindowMs);
                }

                var to = from;
                while (to < keys.Length && times[to] < window + WindowMs)
                    to++;
                table.Count(keys[from..to]);
                from = to;
            }
        }

        return counted + table.Sum();
    }

    private static void CountByDictionary(ChangeBatch[] batches)
    {
        var counts = new Dictionary<long, long>();
        var window = 0L;
        foreach (var batch in batches)
        {
            var keys = ColumnPlans.Values(batch, 0);
            for (var r = 0; r < batch.RowCount; r++)
            {
                if (batch.RowTime.Values[r] >= window + WindowMs)
                {
                    counts.Clear();
                    window += WindowMs;
                }

                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, keys[r], out _)++;
            }
        }
    }

    private static long CountByOperator(ChangeBatch[] batches, LogicalAggregate plan, out long allocatedLate)
    {
        allocatedLate = 0;
        var context = ColumnPlans.Context();
        var table = AggregateTable.Create("benchmark", plan, context.Budget);
        var target = new StreamAggregateOperator(context, plan, table, withOld: false);
        var changes = 0L;
        for (var b = 0; b < batches.Length; b++)
        {
            if (b == batches.Length / 2)
                allocatedLate = -GC.GetAllocatedBytesForCurrentThread();
            target.Push(batches[b]);
            while (target.Pull() is not null)
                throw new InvalidOperationException("a change before the commit");
            if (b % BatchesPerCommit != BatchesPerCommit - 1 && b != batches.Length - 1)
                continue;
            target.Signal(OperatorSignal.Commit);
            while (target.Pull() is { } output)
                changes += output.Selection.Count;
            table.Commit();
        }

        allocatedLate += GC.GetAllocatedBytesForCurrentThread();
        return changes;
    }
}
