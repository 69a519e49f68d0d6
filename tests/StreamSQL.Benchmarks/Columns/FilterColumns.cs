using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>A filter that keeps a tenth of the rows of ready columns, and a projection of the key and a product.</summary>
internal static class FilterColumns
{
    private const int Rows = 1 << 23;
    private const long Limit = 100;

    /// <summary>Runs it; 0 unless the operators give other rows than the loop.</summary>
    public static int Run()
    {
        var batches = ColumnPlans.Batches(Rows, 100_000);
        var context = ColumnPlans.Context();
        var condition = ColumnPlans.Call("<", ColumnPlans.Column(1), new BoundLiteral(Limit, SqlType.BigInt));
        var product = ColumnPlans.Call("*", ColumnPlans.Column(1), new BoundLiteral(3L, SqlType.BigInt));
        var filter = new FilterOperator(context, condition, RelationKind.Stream);
        var project = new ProjectOperator(
            context, [ColumnPlans.Column(0), product], ColumnPlans.Schema(RelationKind.Stream, ColumnRole.Value, ColumnRole.Value));
        long expected = 0, kept = 0;
        Measurement.Print($"filter: {Rows} rows of ready columns, a tenth kept", [
            Measurement.Take("loop by hand", Rows, 16L * Rows, () => expected = FilterByHand(batches)),
            Measurement.Take("operators", Rows, 16L * Rows, () => kept = FilterByOperators(batches, filter, project)),
        ]);
        return kept == expected ? 0 : 1;
    }

    private static long FilterByHand(ChangeBatch[] batches)
    {
        var keys = new long[ChangeBatch.MaxRows];
        var products = new long[ChangeBatch.MaxRows];
        var sum = 0L;
        foreach (var batch in batches)
        {
            var key = ColumnPlans.Values(batch, 0);
            var value = ColumnPlans.Values(batch, 1);
            var count = 0;
            for (var r = 0; r < batch.RowCount; r++)
            {
                if (value[r] >= Limit)
                    continue;
                keys[count] = key[r];
                products[count++] = value[r] * 3;
            }

            sum += count + products[0];
        }

        return sum;
    }

    private static long FilterByOperators(ChangeBatch[] batches, FilterOperator filter, ProjectOperator project)
    {
        var sum = 0L;
        foreach (var batch in batches)
        {
            filter.Push(batch);
            while (filter.Pull() is { } passed)
            {
                project.Push(passed);
                while (project.Pull() is { } output)
                    sum += output.Selection.Count + ColumnPlans.Values(output, 1)[output.Selection[0]];
            }
        }

        return sum;
    }
}
