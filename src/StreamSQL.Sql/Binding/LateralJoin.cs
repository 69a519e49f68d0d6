using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Joins rows with what a query that reads them gives.</summary>
internal static class LateralJoin
{
    /// <summary>The join; the condition moves into the query, so that LEFT pads rows without a match.</summary>
    /// <param name="left">The rows.</param>
    /// <param name="right">The query.</param>
    /// <param name="join">Its kind, and the names of USING.</param>
    /// <param name="condition">ON, over the columns of both.</param>
    public static Relation Make(Relation left, Relation right, JoinReference join, BoundExpression? condition)
    {
        var (plan, count) = (right.Plan, left.Plan.Schema.Columns.Count);
        if (join.Using.Count > 0 || join.IsNatural)
            throw BindingErrors.NotSupported("USING and NATURAL with a LATERAL query that reads the rows before it are not supported",
                join.Position, "Use ON.");
        if (condition is not null)
            plan = new LogicalFilter(plan, new Inward(count).Rewrite(condition));
        var rows = new BoundSubquery(SubqueryKind.Rows, plan, null, Data.Types.SqlType.Boolean) { IsCorrelated = true };
        return new Relation(new LogicalApply(left.Plan, rows, join.Kind == JoinKind.Left, BoundedFrom.Columns(left.Plan, plan)),
            BoundedFrom.Combine(left, right, join.Kind));
    }

    /// <summary>Moves a condition over both sides into the right one, from where the left columns are those of the query around.</summary>
    private sealed class Inward(int leftCount) : ExpressionRewriter
    {
        protected override BoundExpression RewriteColumn(BoundColumn column) => column.Index < leftCount
            ? new BoundOuterColumn(1, column.Index, column.Name, column.Type)
            : column with { Index = column.Index - leftCount };

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
        {
            if (column.Depth < Depth)
                return column;
            if (column.Depth > Depth || column.Index < leftCount)
                return column with { Depth = column.Depth + 1 };
            return column with { Index = column.Index - leftCount };
        }
    }
}
