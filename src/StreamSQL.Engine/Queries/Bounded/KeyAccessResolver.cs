using System.Text;
using StreamSQL.Data.Columns;
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
    /// <param name="points">Its keys, where it has some.</param>
    /// <param name="table">The table's schema.</param>
    /// <param name="context">The query's context, for parameters.</param>
    public static TableAccess Resolve(KeyAccess? access, KeyPoints? points, PlanSchema table, OperatorContext context)
    {
        if (access is null)
            return TableAccess.All;
        return new TableAccess(
            points?.Keys,
            Bound(access.WindowStart.Lower, long.MinValue, context), Bound(access.WindowStart.Upper, long.MaxValue, context),
            Bound(access.WindowEnd.Lower, long.MinValue, context), Bound(access.WindowEnd.Upper, long.MaxValue, context))
        {
            Bounds = points is null ? BoundsOf(access, table, context) : null,
        };
    }

    /// <summary>What the first key column may be. A bound of NULL, or one that no key can be near, admits everything.</summary>
    private static KeyBounds? BoundsOf(KeyAccess access, PlanSchema table, OperatorContext context)
    {
        if (access.Lower is null && access.Upper is null && access.Pattern is null)
            return null;
        var type = table.Columns[0].Type;
        var (lower, isLowerKey) = Bound(access.Lower, type, context);
        var (upper, isUpperKey) = Bound(access.Upper, type, context);
        var front = Front(access.Pattern, context);
        return lower is null && upper is null && front is null ? null : new KeyBounds
        {
            Lower = lower,
            // Where the bound lies between two keys, it is the one below: that one is outside, or at the upper end inside.
            IncludesLower = isLowerKey && access.Lower!.Inclusive,
            Upper = upper,
            IncludesUpper = !isUpperKey || access.Upper!.Inclusive,
            TextFront = front,
        };
    }

    /// <summary>
    /// What a text begins with that matches a pattern: all before the first sign that may mean something else; null for anything.
    /// </summary>
    private static byte[]? Front(BoundExpression? pattern, OperatorContext context)
    {
        if (pattern is null || ExpressionEvaluator.EvaluateConstant(pattern, context) is not string text)
            return null;
        var end = text.AsSpan().IndexOfAny('%', '_', '\\');
        return end == 0 || text.Length == 0 ? null : Encoding.UTF8.GetBytes(end < 0 ? text : text[..end]);
    }

    private static (Column? Key, bool IsExact) Bound(KeyBound? bound, SqlType type, OperatorContext context)
    {
        if (bound is null || ExpressionEvaluator.EvaluateConstant(bound.Value, context) is not { } value
            || KeyConstant.FloorKey(value, bound.Value.Type, type) is not var (key, isExact))
            return default;
        var column = Column.Create(type);
        column.Reset(1);
        ColumnWriter.Write(column, 0, key);
        return (column, isExact);
    }

    /// <summary>An end of a window range; a bound of NULL admits everything, since the filter above decides.</summary>
    private static long Bound(KeyBound? bound, long open, OperatorContext context) =>
        bound is not null && ExpressionEvaluator.EvaluateConstant(bound.Value, context) is { } value
            && KeyConstant.Floor(value, bound.Value.Type, SqlType.BigInt) is { } whole
            ? (long)Int128.Clamp(whole, long.MinValue, long.MaxValue)
            : open;
}
