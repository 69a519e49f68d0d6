using System.Buffers.Binary;
using System.Globalization;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>
/// What a key costs in memory: COUNT(*) of ten million keys, BIGINT and VARCHAR of 16 bytes, in the operator's table, committed every
/// million rows. Told beside what the table charges is what the heap has grown by.
/// </summary>
internal static class KeyMemoryBenchmark
{
    private const int Keys = 10_000_000;
    private const int RowsPerCommit = 1_000_000;
    private const int TextBytes = 16;
    private const long FirstTime = 1_700_000_000_000; // ms; a million rows a second follow

    /// <summary>Runs it; 0 unless a key is missing.</summary>
    public static int Run()
    {
        Console.WriteLine($"key-memory: COUNT(*) by {Keys} keys");
        return Measure("BIGINT", SqlType.BigInt, 32, FillNumbers)
            && Measure($"VARCHAR of {TextBytes} bytes", SqlType.Varchar, 56, FillTexts) ? 0 : 1;
    }

    private static bool Measure(string name, SqlType keyType, int goal, Action<ChangeBatch, int> fill)
    {
        var context = ColumnPlans.Context();
        var plan = PlanOf(keyType);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = AggregateTable.Create("benchmark", plan, context.Budget);
        var target = new StreamAggregateOperator(context, plan, table, withOld: false);
        Fill(target, table, new ChangeBatch([keyType]), fill);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        var count = table.Windows.Sum(static part => part.Index.Count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {name,-20}{(double)table.MemoryBytes / Keys,6:F1} B a key charged {(double)grown / Keys,6:F1} B a key of heap, goal {goal}"));
        GC.KeepAlive(target);
        return count == Keys;
    }

    private static LogicalAggregate PlanOf(SqlType keyType)
    {
        var input = new PlanSchema([new PlanColumn("K", keyType, ColumnRole.Value)], RelationKind.Stream);
        var output = new PlanSchema(
            [new PlanColumn("K", keyType, ColumnRole.Key), new PlanColumn("N", SqlType.BigInt, ColumnRole.Value)], RelationKind.Table);
        var count = BuiltInFunctions.Registry.FindAggregate("COUNT")!.Bind([], RuleSet.Ksql)!;
        return new LogicalAggregate(
            new ReadyColumns(input), [new BoundColumn(0, "K", keyType)], [new AggregateCall("COUNT", count, [])], null, false, output);
    }

    private static void Fill(StreamAggregateOperator target, AggregateTable table, ChangeBatch batch, Action<ChangeBatch, int> fill)
    {
        var open = 0;
        for (var from = 0; from < Keys; from += batch.RowCount)
        {
            batch.Reset(Math.Min(ChangeBatch.MaxRows, Keys - from));
            fill(batch, from);
            batch.RowTime.Values.AsSpan(0, batch.RowCount).Fill(FirstTime + (from / 1000));
            target.Push(batch);
            while (target.Pull() is not null)
                throw new InvalidOperationException("a change before the commit");
            open += batch.RowCount;
            if (open < RowsPerCommit && from + batch.RowCount < Keys)
                continue;
            open = 0;
            target.Signal(OperatorSignal.Commit);
            while (target.Pull() is not null)
                continue;
            table.Commit();
        }
    }

    private static void FillNumbers(ChangeBatch batch, int from)
    {
        var values = ColumnPlans.Values(batch, 0);
        for (var r = 0; r < batch.RowCount; r++)
            values[r] = Scattered(from + r);
    }

    private static void FillTexts(ChangeBatch batch, int from)
    {
        var column = (BytesColumn)batch.Columns[0];
        Span<byte> text = stackalloc byte[TextBytes];
        for (var r = 0; r < batch.RowCount; r++)
        {
            BinaryPrimitives.WriteInt64BigEndian(text, Scattered(from + r));
            column.Set(r, System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(text[..8])));
        }
    }

    // Odd multipliers permute the numbers of 64 bits, so no two keys are equal.
    private static long Scattered(int i) => unchecked((i + 1L) * (long)0x9E3779B97F4A7C15UL);
}
