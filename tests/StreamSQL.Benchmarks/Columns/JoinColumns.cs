using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>A stream of ready columns joined with a table by a BIGINT key; every row finds its partner.</summary>
internal static class JoinColumns
{
    private const int Rows = 1 << 22;

    /// <summary>Runs it; 0 unless a join gives other rows than the loop.</summary>
    public static int Run()
    {
        var good = Run(100_000);
        return Run(1_000_000) && good ? 0 : 1;
    }

    private static bool Run(int keys)
    {
        var batches = ColumnPlans.Batches(Rows, keys);
        var context = ColumnPlans.Context();
        var tableSchema = ColumnPlans.Schema(RelationKind.Table, ColumnRole.Key, ColumnRole.Value);
        var table = new RowTable("benchmark", tableSchema, context.Budget);
        var byHand = new OpenTable(keys);
        Fill(table, byHand, keys);
        var left = new ReadyColumns(ColumnPlans.Schema(RelationKind.Stream, ColumnRole.Value, ColumnRole.Value));
        var plan = new LogicalJoin(
            left, new ReadyColumns(tableSchema), JoinKind.Inner, [ColumnPlans.Column(0)], [ColumnPlans.Column(0)], null, null,
            ColumnPlans.Schema(RelationKind.Stream, ColumnRole.Key, ColumnRole.Value, ColumnRole.Value, ColumnRole.Value, ColumnRole.Value))
            { KeyColumns = 1 };
        var target = new StreamTableJoinOperator(context, plan, table);
        long expected = 0, joined = 0;
        Measurement.Print($"join: {Rows} rows of ready columns, {keys} rows in the table", [
            Measurement.Take("open addressing by hand", Rows, 16L * Rows, () => expected = JoinByHand(batches, byHand)),
            Measurement.Take("operator", Rows, 16L * Rows, () => joined = JoinByOperator(batches, target)),
        ]);
        return joined == expected;
    }

    private static void Fill(RowTable table, OpenTable byHand, int keys)
    {
        var source = new MaterializeOperator(table, withOld: false);
        var batch = new ChangeBatch([SqlType.BigInt, SqlType.BigInt]);
        for (var from = 1; from <= keys; from += ChangeBatch.MaxRows)
        {
            var count = Math.Min(ChangeBatch.MaxRows, keys + 1 - from);
            batch.Reset(count);
            for (var r = 0; r < count; r++)
            {
                ColumnPlans.Values(batch, 0)[r] = from + r;
                ColumnPlans.Values(batch, 1)[r] = 7L * (from + r);
                byHand.Put(from + r, 7L * (from + r));
            }

            source.Push(batch);
            source.Pull();
            table.Commit();
        }
    }

    private static long JoinByHand(ChangeBatch[] batches, OpenTable table)
    {
        var sum = 0L;
        var values = new long[ChangeBatch.MaxRows];
        foreach (var batch in batches)
        {
            table.Read(ColumnPlans.Values(batch, 0).AsSpan(0, batch.RowCount), values);
            sum += values[0];
        }

        return sum;
    }

    private static long JoinByOperator(ChangeBatch[] batches, StreamTableJoinOperator target)
    {
        var sum = 0L;
        foreach (var batch in batches)
        {
            target.Push(batch);
            while (target.Pull() is { } output)
                sum += output.Selection.Count == batch.RowCount ? ColumnPlans.Values(output, 3)[0] : 0;
        }

        return sum;
    }
}
