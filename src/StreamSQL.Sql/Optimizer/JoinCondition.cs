using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Optimizer;

/// <summary>A join's condition, taken apart: equalities of one side with the other, and the rest.</summary>
/// <param name="LeftKeys">Over the left columns.</param>
/// <param name="RightKeys">Over the right columns.</param>
/// <param name="Residual">Over left columns followed by right columns; null when there is none.</param>
internal sealed record JoinCondition(IReadOnlyList<BoundExpression> LeftKeys, IReadOnlyList<BoundExpression> RightKeys,
    BoundExpression? Residual)
{
    /// <summary>No condition: every combination.</summary>
    public static JoinCondition None { get; } = new([], [], null);

    /// <summary>Takes a condition over left columns followed by right columns apart.</summary>
    public static JoinCondition Of(BoundExpression condition, int leftCount)
    {
        var leftKeys = new List<BoundExpression>();
        var rightKeys = new List<BoundExpression>();
        var rest = new List<BoundExpression>();
        foreach (var part in Conjunctions.Split(condition))
        {
            if (part is BoundCall { Name: "=", Arguments: [var a, var b] })
            {
                var (sideA, sideB) = (SideOf(a, leftCount), SideOf(b, leftCount));
                if ((sideA, sideB) is (Side.Left, Side.Right) or (Side.Right, Side.Left))
                {
                    var (left, right) = OfOneType(sideA == Side.Left ? (a, b) : (b, a));
                    leftKeys.Add(left);
                    rightKeys.Add(ColumnSubstitution.Renumber(right, index => index - leftCount));
                    continue;
                }
            }

            rest.Add(part);
        }

        return new JoinCondition(leftKeys, rightKeys, Conjunctions.Combine(rest));
    }

    // Exact numbers compare across their types, but as keys they need one.
    private static (BoundExpression Left, BoundExpression Right) OfOneType((BoundExpression Left, BoundExpression Right) keys) =>
        keys.Left.Type.Kind == SqlTypeKind.Numeric
            || keys.Right.Type.Kind == SqlTypeKind.Numeric ? (AsNumeric(keys.Left), AsNumeric(keys.Right)) : keys;

    private static BoundExpression AsNumeric(BoundExpression key) => TypeCoercion.AsDecimal(key.Type) is null
        ? key
        : new BoundCall(Coercion.CastName, Casts.Find(key.Type, SqlType.Numeric, RuleSet.Postgres)!, [key]);

    /// <summary>Which side's columns an expression reads.</summary>
    public static Side SideOf(BoundExpression expression, int leftCount)
    {
        var (columns, hasSubquery) = ColumnUse.Of(expression);
        if (hasSubquery || columns.Count == 0)
            return Side.Neither;
        if (columns.All(index => index < leftCount))
            return Side.Left;
        return columns.All(index => index >= leftCount) ? Side.Right : Side.Both;
    }

    internal enum Side
    {
        Neither,
        Left,
        Right,
        Both,
    }
}
