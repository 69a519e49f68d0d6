using StreamSQL.Data.Types;
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
    /// <param name="points">Its keys, where it has some.</param>
    /// <param name="context">The query's context, for parameters.</param>
    public static TableAccess Resolve(KeyAccess? access, KeyPoints? points, OperatorContext context)
    {
        if (access is null)
            return TableAccess.All;
        return new TableAccess(
            points?.Keys,
            Value(access.Lower, context), Value(access.Upper, context),
            Bound(access.WindowStart.Lower, long.MinValue, context), Bound(access.WindowStart.Upper, long.MaxValue, context),
            Bound(access.WindowEnd.Lower, long.MinValue, context), Bound(access.WindowEnd.Upper, long.MaxValue, context));
    }

    private static object? Value(KeyBound? bound, OperatorContext context) =>
        bound is null ? null : ExpressionEvaluator.EvaluateConstant(bound.Value, context);

    /// <summary>An end of a window range; a bound of NULL admits everything, since the filter above decides.</summary>
    private static long Bound(KeyBound? bound, long open, OperatorContext context) =>
        bound is not null && ExpressionEvaluator.EvaluateConstant(bound.Value, context) is { } value
            && KeyConstant.Floor(value, bound.Value.Type, SqlType.BigInt) is { } whole
            ? (long)Int128.Clamp(whole, long.MinValue, long.MaxValue)
            : open;
}
