using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Replaces the columns of an expression's input: by other expressions, or by the same columns under other indexes.</summary>
internal sealed class ColumnSubstitution : ExpressionRewriter
{
    private readonly Func<int, BoundExpression> _replace;

    /// <summary>Creates a substitution.</summary>
    public ColumnSubstitution(Func<int, BoundExpression> replace) => _replace = replace;

    /// <summary>Renumbers columns, also where sub-queries read them.</summary>
    public static BoundExpression Renumber(BoundExpression expression, Func<int, int> newIndex) =>
        new Renumbering(newIndex).Rewrite(expression);

    /// <inheritdoc/>
    protected override BoundExpression RewriteColumn(BoundColumn column) => _replace(column.Index);

    private sealed class Renumbering(Func<int, int> newIndex) : ExpressionRewriter
    {
        protected override BoundExpression RewriteColumn(BoundColumn column) => column with { Index = newIndex(column.Index) };

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column) =>
            column.Depth == Depth ? column with { Index = newIndex(column.Index) } : column;
    }
}
