using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// What an aggregate reads of a batch, evaluated once for all grouping sets: arguments, FILTER, the keys of its ORDER BY.
/// </summary>
internal sealed class AggregateArguments
{
    private readonly ExpressionEvaluator[] _arguments;
    private readonly ExpressionEvaluator[] _order;
    private readonly PredicateEvaluator? _filter;

    /// <summary>Builds the evaluators.</summary>
    public AggregateArguments(AggregateCall call, OperatorContext context)
    {
        _arguments = ExpressionEvaluator.CreateAll(call.Arguments, context);
        _order = ExpressionEvaluator.CreateAll([.. call.OrderBy.Select(static key => key.Expression)], context);
        _filter = call.Filter is null ? null : new PredicateEvaluator(call.Filter, context);
        Columns = new Column[_arguments.Length];
        OrderColumns = new Column[_order.Length];
    }

    /// <summary>The rows that count.</summary>
    public RowSelection Rows { get; private set; }

    /// <summary>The arguments.</summary>
    public Column[] Columns { get; }

    /// <summary>The sort keys.</summary>
    public Column[] OrderColumns { get; }

    /// <summary>Evaluates a batch.</summary>
    public void Evaluate(ChangeBatch input)
    {
        Rows = _filter is null ? input.Selection : _filter.Evaluate(input, input.Selection);
        for (var i = 0; i < Columns.Length; i++)
            Columns[i] = _arguments[i].Evaluate(input, Rows);
        for (var i = 0; i < OrderColumns.Length; i++)
            OrderColumns[i] = _order[i].Evaluate(input, Rows);
    }
}
