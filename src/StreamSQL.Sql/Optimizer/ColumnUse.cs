using StreamSQL.Sql.Expressions;

namespace StreamSQL.Sql.Optimizer;

/// <summary>Finds which columns of its input an expression reads.</summary>
internal sealed class ColumnUse : ExpressionRewriter
{
    private readonly Action<int> _use;

    private ColumnUse(Action<int> use) => _use = use;

    /// <summary>Whether the expression holds a sub-query or depends on an enclosing row.</summary>
    public bool HasSubquery { get; private set; }

    /// <summary>Calls <paramref name="use"/> for each column that is read, also from inside sub-queries.</summary>
    public static void Visit(BoundExpression? expression, Action<int> use)
    {
        if (expression is not null)
            new ColumnUse(use).Rewrite(expression);
    }

    /// <summary>The columns that are read, and whether a sub-query stands in the expression.</summary>
    public static (HashSet<int> Columns, bool HasSubquery) Of(BoundExpression expression)
    {
        var columns = new HashSet<int>();
        var visitor = new ColumnUse(index => columns.Add(index));
        visitor.Rewrite(expression);
        return (columns, visitor.HasSubquery);
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteColumn(BoundColumn column)
    {
        _use(column.Index);
        return column;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
    {
        HasSubquery = true;
        if (column.Depth == Depth)
            _use(column.Index);
        return column;
    }

    /// <inheritdoc/>
    protected override BoundExpression RewriteSubquery(BoundSubquery subquery)
    {
        HasSubquery = true;
        return base.RewriteSubquery(subquery);
    }
}
