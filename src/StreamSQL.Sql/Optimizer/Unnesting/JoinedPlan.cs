using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer.Unnesting;

/// <summary>Rows that sub-queries are joined to, one after the other. The columns that it began with stay the first.</summary>
internal sealed class JoinedPlan(LogicalPlan plan)
{
    /// <summary>The rows with all that was joined so far.</summary>
    public LogicalPlan Plan { get; private set; } = plan;

    private int Width => Plan.Schema.Columns.Count;

    /// <summary>Keeps the rows for which there is one, or is none.</summary>
    /// <param name="rows">The rows to look for.</param>
    /// <param name="isAnti">Whether there must be none.</param>
    /// <param name="more">A further condition over the plan's columns and those of the rows.</param>
    public void Keep(Unnested rows, bool isAnti, BoundExpression? more)
    {
        var condition = Condition(rows, more);
        if (!isAnti)
            condition = FilterLeft(condition);
        Plan = new LogicalJoin(
            Plan, rows.Plan, isAnti ? JoinKind.Anti : JoinKind.Semi, condition.LeftKeys, condition.RightKeys, condition.Residual, null,
            Plan.Schema);
    }

    /// <summary>A column that says whether there is a row.</summary>
    /// <param name="rows">The rows to look for.</param>
    /// <param name="more">A further condition over the plan's columns and those of the rows.</param>
    public BoundColumn Mark(Unnested rows, BoundExpression? more)
    {
        var condition = Condition(rows, more);
        var column = new PlanColumn($"MARK_{Width}", SqlType.Boolean, ColumnRole.Value);
        var mark = new BoundColumn(Width, column.Name, column.Type);
        Plan = new LogicalJoin(
            Plan, rows.Plan, JoinKind.Mark, condition.LeftKeys, condition.RightKeys, condition.Residual, null,
            Plan.Schema with { Columns = [.. Plan.Schema.Columns, column] });
        return mark;
    }

    /// <summary>Joins the rows; gives the outputs as expressions over the joined columns.</summary>
    public IReadOnlyList<BoundExpression> Join(Unnested rows)
    {
        var outputs = Outputs(rows);
        var condition = Condition(rows, null);
        Plan = BoundedFrom.Make(Plan, rows.Plan, JoinKind.Inner, condition with { Residual = null });
        if (condition.Residual is { } residual)
            Plan = new LogicalFilter(Plan, residual);
        return outputs;
    }

    /// <summary>Joins rows where there are; where not, the outputs are NULL.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="kind"><see cref="JoinKind.Left"/> or <see cref="JoinKind.Single"/>.</param>
    /// <param name="isThere">Whether there was a row.</param>
    public IReadOnlyList<BoundExpression> JoinOptional(Unnested rows, JoinKind kind, out BoundExpression isThere)
    {
        var marker = new PlanColumn("MATCHED", SqlType.Boolean, ColumnRole.Value);
        var right = new LogicalProject(
            rows.Plan, [.. Unnested.Of(rows.Plan).Outputs, new BoundLiteral(true, SqlType.Boolean)],
            new PlanSchema([.. rows.Plan.Schema.Columns, marker], RelationKind.Rows));
        var outputs = Outputs(rows);
        isThere = new BoundIsNull(new BoundColumn(Width + rows.Plan.Schema.Columns.Count, marker.Name, marker.Type), Negated: true);
        Plan = BoundedFrom.Make(Plan, right, kind, Condition(rows, null));
        var found = isThere;
        return [.. outputs.Select(output => output is BoundColumn column
            && column.Index >= Width - right.Schema.Columns.Count ? output : When(found, output, null))];
    }

    /// <summary>Keeps the rows that meet a condition.</summary>
    public void Filter(BoundExpression condition) => Plan = new LogicalFilter(Plan, condition);

    /// <summary>A value under a condition, otherwise another one, NULL where it is null.</summary>
    public static BoundExpression When(BoundExpression condition, BoundExpression value, BoundExpression? otherwise) =>
        new BoundCase([new BoundCaseBranch(condition, value)], otherwise, value.Type);

    /// <summary>Joins the row of aggregates; gives its columns, and whether it is there.</summary>
    public (IReadOnlyList<BoundExpression> Values, BoundExpression? IsThere) JoinAggregated(AggregatedRow row)
    {
        var outputs = JoinOptional(row.Groups, JoinKind.Left, out var isThere);
        BoundExpression[] aggregates =
            [.. outputs.Select((output, i) => row.Empty[i].Value is null ? output : When(isThere, output, row.Empty[i]))];
        var substitution = new Aggregates(aggregates);
        BoundExpression Over(BoundExpression expression) => substitution.Rewrite(expression);
        return ([.. row.Values.Select(Over)], Conjunctions.Combine([.. row.Having.Select(Over)]));
    }

    private IReadOnlyList<BoundExpression> Outputs(Unnested rows)
    {
        var width = Width;
        return [.. rows.Outputs.Select(output => Unnested.Beside(output, width))];
    }

    private JoinCondition Condition(Unnested rows, BoundExpression? more)
    {
        var width = Width;
        List<BoundExpression> conditions = [.. rows.Conditions.Select(condition => Unnested.Beside(condition, width))];
        if (more is not null)
            conditions.Add(more);
        return Conjunctions.Combine(conditions) is { } all ? JoinCondition.Of(all, width) : JoinCondition.None;
    }

    // What is asked of the left rows alone needs no join.
    private JoinCondition FilterLeft(JoinCondition condition)
    {
        if (condition.Residual is null)
            return condition;
        var width = Width;
        var parts = Conjunctions.Split(condition.Residual).ToLookup(part => JoinCondition.SideOf(part, width) == JoinCondition.Side.Left);
        if (Conjunctions.Combine([.. parts[true]]) is { } own)
            Plan = new LogicalFilter(Plan, own);
        return condition with { Residual = Conjunctions.Combine([.. parts[false]]) };
    }

    /// <summary>
    /// Puts the aggregates of a joined group, or those over no rows, in place of its columns, and the
    /// joined row's columns in place of the enclosing row's.
    /// </summary>
    private sealed class Aggregates(IReadOnlyList<BoundExpression> values) : ExpressionRewriter
    {
        protected override BoundExpression RewriteColumn(BoundColumn column) => values[column.Index];

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column) => Depth > 0
            ? column.Depth == Depth ? throw new NotUnnestedException() : column
            : new BoundColumn(column.Index, column.Name, column.Type);
    }
}
