using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>The table functions of a select list, in order.</summary>
internal sealed class TableCallCollector
{
    private readonly List<TableCall> _calls = [];
    private readonly List<TableCallReference> _references = [];

    /// <summary>Where the first one stands.</summary>
    public TextPosition Position { get; private set; }

    public bool IsEmpty => _calls.Count == 0;

    /// <summary>The calls in order; their arguments may name the values of those before them.</summary>
    public IReadOnlyList<TableCall> Calls => _calls;

    /// <summary>The place of a call's value.</summary>
    public TableCallReference Add(TableCall call, TextPosition position)
    {
        if (IsEmpty)
            Position = position;
        _calls.Add(call);
        _references.Add(new TableCallReference(_calls.Count - 1, call.Binding.ResultType));
        return _references[^1];
    }

    /// <summary>The place of the same call's value, where one stands already: GROUP BY and ORDER BY mean that of the select list.</summary>
    public TableCallReference AddOnce(TableCall call, TextPosition position)
    {
        var index = _calls.FindIndex(known => known.Name == call.Name && known.Binding.ResultType.Equals(call.Binding.ResultType)
            && BoundExpressionComparer.AreSame(known.Arguments, call.Arguments));
        return index < 0 ? Add(call, position) : _references[index];
    }

    /// <summary>The plan with the functions' values as further columns, and the items over it.</summary>
    /// <param name="plan">The rows.</param>
    /// <param name="items">The select list over it.</param>
    /// <param name="move">Moves the arguments to the plan's columns; null where they stand there already.</param>
    public (LogicalPlan Plan, List<BoundItem> Items) Expand(LogicalPlan plan, List<BoundItem> items,
        Func<BoundExpression, BoundExpression>? move = null)
    {
        if (IsEmpty)
            return (plan, items);
        var columns = plan.Schema.Columns;
        var calls = move is null ? _calls : [.. _calls.Select(call => call with { Arguments = [.. call.Arguments.Select(move)] })];
        var expanded = new LogicalExpand(
            plan, [.. Enumerable.Range(0, columns.Count)], calls,
            plan.Schema with { Columns = [.. columns,
                .. _calls.Select(static (call, i) => new PlanColumn($"KSQL_ROWS_{i}", call.Binding.ResultType, ColumnRole.Value))] });
        var rewriter = new Rewriter(columns.Count);
        return (expanded, [.. items.Select(item => item with { Expression = rewriter.Rewrite(item.Expression) })]);
    }

    private sealed class Rewriter(int first) : ExpressionRewriter
    {
        protected override BoundExpression? Replace(BoundExpression expression) =>
            expression is TableCallReference call ? new BoundColumn(first + call.Index, $"KSQL_ROWS_{call.Index}", call.Type) : null;
    }
}

/// <summary>The value of a table function, by its number; replaced by a column once it is known where the values stand.</summary>
internal sealed record TableCallReference(int Index, SqlType Type) : BoundExpression(Type);
