using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Takes conditions apart at their ANDs, and puts them together again.</summary>
internal static class Conjunctions
{
    /// <summary>The conditions that must all hold.</summary>
    public static IEnumerable<BoundExpression> Split(BoundExpression predicate) =>
        predicate is BoundLogical { IsAnd: true } and ? and.Operands.SelectMany(Split) : [predicate];

    /// <summary>Whether a condition reads no row; no condition does not.</summary>
    public static bool IsConstant(BoundExpression? condition) => condition is null
        || ColumnUse.Of(condition) is { HasSubquery: false, Columns.Count: 0 };

    /// <summary>One condition of several; null of none.</summary>
    public static BoundExpression? Combine(IReadOnlyList<BoundExpression> conditions) => conditions.Count switch
    {
        0 => null,
        1 => conditions[0],
        _ => new BoundLogical(IsAnd: true, conditions),
    };
}
