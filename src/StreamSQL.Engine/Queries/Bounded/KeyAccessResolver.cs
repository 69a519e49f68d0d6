using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>Computes the constants of a <see cref="KeyAccess"/>.</summary>
internal static class KeyAccessResolver
{
    /// <summary>The access with its values known; all rows when there is none.</summary>
    /// <param name="access">The access, or null.</param>
    /// <param name="table">The table's schema.</param>
    /// <param name="context">The query's context, for parameters.</param>
    public static TableAccess Resolve(KeyAccess? access, PlanSchema table, OperatorContext context)
    {
        if (access is null)
            return TableAccess.All;
        return new TableAccess(
            access.Points is null ? null : Points(access.Points, table, context),
            Value(access.Lower, context), Value(access.Upper, context),
            Bound(access.WindowStart.Lower, long.MinValue, context), Bound(access.WindowStart.Upper, long.MaxValue, context),
            Bound(access.WindowEnd.Lower, long.MinValue, context), Bound(access.WindowEnd.Upper, long.MaxValue, context));
    }

    private static ChangeBatch Points(
        IReadOnlyList<IReadOnlyList<Sql.Expressions.BoundExpression>> points, PlanSchema table, OperatorContext context)
    {
        var types = table.Columns.Where(static column => column.Role == ColumnRole.Key).Select(static column => column.Type).ToArray();
        var batch = new ChangeBatch(types);
        batch.Reset(points.Count);
        for (var row = 0; row < points.Count; row++)
        {
            for (var c = 0; c < types.Length; c++)
                ColumnWriter.Write(batch.Columns[c], row, ExpressionEvaluator.EvaluateConstant(points[row][c], context));
        }

        return batch;
    }

    private static object? Value(KeyBound? bound, OperatorContext context) =>
        bound is null ? null : ExpressionEvaluator.EvaluateConstant(bound.Value, context);

    /// <summary>An end of a window range; a bound of NULL admits everything, since the filter above decides.</summary>
    private static long Bound(KeyBound? bound, long open, OperatorContext context) =>
        bound is not null && ExpressionEvaluator.EvaluateConstant(bound.Value, context) is long value ? value : open;
}
