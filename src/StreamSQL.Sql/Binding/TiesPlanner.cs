using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Plans FETCH FIRST ... WITH TIES: the rows whose rank in the order is within the count, behind those that OFFSET skips.
/// </summary>
internal sealed class TiesPlanner(BindingContext context)
{
    /// <summary>The plan.</summary>
    /// <param name="plan">The sorted rows.</param>
    /// <param name="count">How many rows, as BIGINT.</param>
    /// <param name="offset">How many are skipped, as BIGINT; null for none.</param>
    /// <param name="position">Where the query is.</param>
    /// <exception cref="SqlException">42601: the rows have no order.</exception>
    public LogicalPlan Plan(LogicalPlan plan, BoundExpression count, BoundExpression? offset, TextPosition position)
    {
        var (rows, shown) = plan is LogicalProject project ? (project.Input, project) : (plan, null);
        var keys = rows switch
        {
            LogicalSort sort => sort.Keys,
            LogicalDistinct { On: not null, Input: LogicalSort sort } => sort.Keys,
            _ => throw BindingErrors.Syntax("WITH TIES cannot be specified without ORDER BY clause", position),
        };
        var width = rows.Schema.Columns.Count;
        PlanColumn[] numbers = [Column("RANK"), Column("ROW_NUMBER")];
        rows = new LogicalWindow(rows, [], keys, [.. numbers.Select(number => Call(number.Name))],
            rows.Schema with { Columns = [.. rows.Schema.Columns, .. numbers] });
        var (rank, number) = (new BoundColumn(width, "RANK", SqlType.BigInt), new BoundColumn(width + 1, "ROW_NUMBER", SqlType.BigInt));
        var last = offset is null ? count : FunctionResolver.BindOperator("+", offset, count, context, position);
        var isWithin = FunctionResolver.BindOperator("<=", rank, last, context, position);
        var condition = offset is null ? isWithin
            : new BoundLogical(true, [isWithin, FunctionResolver.BindOperator(">", number, offset, context, position)]);
        IReadOnlyList<BoundExpression> columns = shown?.Expressions
            ?? [.. plan.Schema.Columns.Select(static (column, i) => new BoundColumn(i, column.Name, column.Type))];
        return new LogicalProject(new LogicalFilter(rows, condition), columns, plan.Schema);
    }

    private static PlanColumn Column(string name) => new(name, SqlType.BigInt, ColumnRole.Value);

    private WindowCall Call(string name) =>
        new(name, context.Planning.Functions.FindWindow(name)!.Bind([], context.Rules), null, [], null, FrameSpec.Default);
}
