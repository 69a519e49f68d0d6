using StreamSQL.Data.Batches;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
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

    private static ChangeBatch Points(IReadOnlyList<IReadOnlyList<BoundExpression>> points, PlanSchema table, OperatorContext context)
    {
        var types = table.Columns.Where(static column => column.Role == ColumnRole.Key).Select(static column => column.Type).ToArray();
        var batch = new ChangeBatch(types);
        batch.Reset(points.Count);
        var row = 0;
        foreach (var point in points)
        {
            var isThere = true;
            for (var c = 0; isThere && c < types.Length; c++)
            {
                var value = KeyOf(point[c], types[c], context);
                isThere = value is not null;
                if (isThere)
                    ColumnWriter.Write(batch.Columns[c], row, value);
            }

            row += isThere ? 1 : 0;
        }

        batch.Selection = row > 1 ? Distinct(batch, row) : RowSelection.All(row);
        return batch;
    }

    /// <summary>Each key once: constants that are written differently, and parameters, may be the same key.</summary>
    private static RowSelection Distinct(ChangeBatch keys, int count)
    {
        var index = KeyIndex.Create(keys.Columns.Select(static column => column.Type).ToArray(), nullable: false, count);
        var (slots, rows) = (new int[count], new int[count]);
        index.FindOrAdd(keys.Columns, RowSelection.All(count), slots);
        var found = 0;
        for (var row = 0; row < count; row++)
        {
            if (slots[row] == found)
                rows[found++] = row;
        }

        return RowSelection.Of(rows, found);
    }

    /// <summary>The key that equals a constant; null where none can.</summary>
    private static object? KeyOf(BoundExpression constant, SqlType key, OperatorContext context)
    {
        var value = ExpressionEvaluator.EvaluateConstant(constant, context);
        return value is null || constant.Type.Equals(key) ? value : KeyConstant.TryConvert(value, constant.Type, key);
    }

    private static object? Value(KeyBound? bound, OperatorContext context) =>
        bound is null ? null : ExpressionEvaluator.EvaluateConstant(bound.Value, context);

    /// <summary>An end of a window range; a bound of NULL admits everything, since the filter above decides.</summary>
    private static long Bound(KeyBound? bound, long open, OperatorContext context) =>
        bound is not null && ExpressionEvaluator.EvaluateConstant(bound.Value, context) is { } value && KeyConstant.Floor(value, bound.Value.Type, SqlType.BigInt) is { } whole
            ? (long)Int128.Clamp(whole, long.MinValue, long.MaxValue)
            : open;
}
