using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Moves expressions from the input of a grouping or re-keying to its output: what equals a key becomes the key's column, an aggregate its
/// result's column, any other column what <paramref name="columnOf"/> says.
/// </summary>
/// <param name="keys">The keys over the input; they are the first columns of the output.</param>
/// <param name="firstAggregate">The index of the first aggregate in the output.</param>
/// <param name="columnOf">The output's index of a column of the input; throws where it is not there.</param>
internal sealed class KeyedRewriter(IReadOnlyList<BoundExpression> keys, int firstAggregate, Func<BoundColumn, int> columnOf)
    : ExpressionRewriter
{
    /// <inheritdoc/>
    protected override BoundExpression? Replace(BoundExpression expression)
    {
        if (Depth > 0)
            return null;
        if (expression is AggregateReference aggregate)
            return new BoundColumn(firstAggregate + aggregate.Index, $"AGGREGATE_{aggregate.Index}", aggregate.Type);
        for (var i = 0; i < keys.Count; i++)
        {
            // Equal constants are equal by chance: a group by 1 does not make every 1 that group, but only the item that it names.
            if (ReferenceEquals(expression, keys[i])
                || (expression is not BoundLiteral && BoundExpressionComparer.AreSame(expression, keys[i])))
                return new BoundColumn(i, expression is BoundColumn column ? column.Name : "", expression.Type);
        }

        return null;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteColumn(BoundColumn column) => column with { Index = columnOf(column) };

    /// <inheritdoc/>
    protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
    {
        if (column.Depth != Depth)
            return column;
        if (column is OuterAggregateReference aggregate)
            return new BoundOuterColumn(Depth, firstAggregate + aggregate.Number, aggregate.Name, aggregate.Type);
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i] is BoundColumn key && key.Index == column.Index)
                return column with { Index = i };
        }

        return column with { Index = columnOf(new BoundColumn(column.Index, column.Name, column.Type)) };
    }
}
