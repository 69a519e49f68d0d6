using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>
/// A sub-query's plan that reads no enclosing row any more, and what is to be done where enclosing rows
/// are at hand. In its expressions a column is one of
/// <paramref name="Plan"/>, and an outer column one of the enclosing rows.
/// </summary>
/// <param name="Plan">Rows for all enclosing rows.</param>
/// <param name="Conditions">Which of them belong to an enclosing row: all must hold.</param>
/// <param name="Outputs">The sub-query's columns.</param>
/// <param name="Order">The order of the rows of one enclosing row; empty for none.</param>
internal sealed record Unnested(
    LogicalPlan Plan, IReadOnlyList<BoundExpression> Conditions, IReadOnlyList<BoundExpression> Outputs, IReadOnlyList<SortKey> Order)
{
    /// <summary>A plan that is its own result.</summary>
    public static Unnested Of(LogicalPlan plan) =>
        new(plan, [], [.. plan.Schema.Columns.Select(static (column, i) => new BoundColumn(i, column.Name, column.Type))], []);

    /// <summary>An expression over the sub-query's columns, as one over the plan's and the enclosing row's.</summary>
    /// <exception cref="NotUnnestedException">It holds a sub-query that reads a column which is no column of the plan.</exception>
    public BoundExpression Substitute(BoundExpression expression) => new Substitution(Outputs).Rewrite(expression);

    /// <summary>
    /// An expression over the plan's and the enclosing row's columns, as one over the enclosing row's columns followed by the plan's.
    /// </summary>
    public static BoundExpression Beside(BoundExpression expression, int outerCount) => new Joined(outerCount).Rewrite(expression);

    private sealed class Substitution(IReadOnlyList<BoundExpression> outputs) : ExpressionRewriter
    {
        protected override BoundExpression RewriteColumn(BoundColumn column) => outputs[column.Index];

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
        {
            if (Depth == 0 || column.Depth != Depth)
                return column;
            return outputs[column.Index] switch
            {
                BoundColumn inner => column with { Index = inner.Index },
                BoundOuterColumn outer => outer with { Depth = outer.Depth + Depth },
                _ => throw new NotUnnestedException(),
            };
        }
    }

    private sealed class Joined(int outerCount) : ExpressionRewriter
    {
        protected override BoundExpression RewriteColumn(BoundColumn column) => column with { Index = column.Index + outerCount };

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
        {
            if (Depth == 0)
                return new BoundColumn(column.Index, column.Name, column.Type);
            return column.Depth == Depth ? column with { Index = column.Index + outerCount } : column;
        }
    }
}

/// <summary>A sub-query has a form that no join gives; it is run row by row.</summary>
internal sealed class NotUnnestedException : Exception;
