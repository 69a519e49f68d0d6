using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Puts the window functions of a SELECT over its rows: what they read becomes columns, windows with equal partitions and order are
/// computed together, and a window that a sort for another one serves as well needs none of its own.
/// </summary>
internal sealed class WindowPlanner
{
    private readonly List<BoundExpression> _columns;
    private readonly int[] _places;
    private LogicalPlan _plan;
    private IReadOnlyList<SortKey> _order = [];

    private WindowPlanner(LogicalPlan plan, int calls)
    {
        _plan = plan;
        _columns = [.. plan.Schema.Columns.Select(static (column, i) => new BoundColumn(i, column.Name, column.Type))];
        _places = new int[calls];
    }

    /// <summary>The plan with a column for each call behind its own, and a way to move expressions over it.</summary>
    /// <param name="plan">The rows.</param>
    /// <param name="calls">The calls over it.</param>
    public static (LogicalPlan Plan, Func<BoundExpression, BoundExpression> Move) Plan(LogicalPlan plan,
        IReadOnlyList<CollectedWindowCall> calls)
    {
        var planner = new WindowPlanner(plan, calls.Count);
        var over = calls.Select(call => call.Map(planner.ToColumn)).ToList();
        planner.Project();
        planner.AddWindows(over);
        var rewriter = new Rewriter(planner._places);
        return (planner._plan, rewriter.Rewrite);
    }

    /// <summary>Whatever is no constant becomes a column that is computed below.</summary>
    private BoundExpression ToColumn(BoundExpression expression) =>
        expression is BoundLiteral or BoundParameter ? expression : ColumnOf(expression);

    private BoundColumn ColumnOf(BoundExpression expression)
    {
        var index = _columns.FindIndex(known => BoundExpressionComparer.AreSame(known, expression));
        if (index < 0)
        {
            index = _columns.Count;
            _columns.Add(expression);
        }

        return new BoundColumn(index, NameOf(index), expression.Type);
    }

    private string NameOf(int index) => index < _plan.Schema.Columns.Count ? _plan.Schema.Columns[index].Name : $"WINDOW_INPUT_{index}";

    private void Project()
    {
        if (_columns.Count == _plan.Schema.Columns.Count)
            return;
        var columns = _columns.Select((e, i) => i < _plan.Schema.Columns.Count
            ? _plan.Schema.Columns[i] : new PlanColumn(NameOf(i), e.Type, ColumnRole.Value));
        _plan = new LogicalProject(_plan, _columns, new PlanSchema([.. columns], RelationKind.Rows));
    }

    private void AddWindows(List<CollectedWindowCall> calls)
    {
        var groups = new List<List<int>>();
        for (var i = 0; i < calls.Count; i++)
        {
            var at = groups.FindIndex(group => WindowCollector.AreSame(calls[group[0]].Window, calls[i].Window));
            if (at < 0)
                groups.Add([i]);
            else
                groups[at].Add(i);
        }

        // The longest order first: it may serve others.
        while (groups.Count > 0)
        {
            var next = groups.FirstOrDefault(group => IsSorted(calls[group[0]].Window))
                ?? groups.MaxBy(group => KeyCount(calls[group[0]].Window))!;
            groups.Remove(next);
            AddWindow(calls[next[0]].Window, next, calls);
        }
    }

    private static int KeyCount(BoundWindow window) => window.PartitionBy.Count + window.OrderBy.Count;

    private bool IsSorted(BoundWindow window)
    {
        var partitions = window.PartitionBy.Count;
        return _order.Count >= KeyCount(window)
            && window.PartitionBy.All(e => _order.Take(partitions).Any(key => BoundExpressionComparer.AreSame(key.Expression, e)))
            && window.OrderBy.Select((key, i) => WindowCollector.AreSame(key, _order[partitions + i])).All(static same => same);
    }

    private void AddWindow(BoundWindow window, List<int> members, List<CollectedWindowCall> calls)
    {
        if (KeyCount(window) > 0 && !IsSorted(window))
        {
            _order = SortKeys(window);
            _plan = new LogicalSort(_plan, _order);
        }

        var first = _plan.Schema.Columns.Count;
        for (var i = 0; i < members.Count; i++)
            _places[members[i]] = first + i;
        var columns = members.Select(member => new PlanColumn($"WINDOW_{member}", calls[member].Call.ResultType, ColumnRole.Value));
        _plan = new LogicalWindow(
            _plan, window.PartitionBy, window.OrderBy, [.. members.Select(member => calls[member].Call)],
            new PlanSchema([.. _plan.Schema.Columns, .. columns], RelationKind.Rows));
    }

    /// <summary>Partition columns, then the order; a column that comes again sorts nothing more.</summary>
    private static List<SortKey> SortKeys(BoundWindow window)
    {
        var keys = new List<SortKey>();
        foreach (var expression in window.PartitionBy)
        {
            if (!keys.Any(known => BoundExpressionComparer.AreSame(known.Expression, expression)))
                keys.Add(new SortKey(expression, false, false));
        }

        keys.AddRange(window.OrderBy);
        return keys;
    }

    private sealed class Rewriter(int[] places) : ExpressionRewriter
    {
        protected override BoundExpression? Replace(BoundExpression expression) =>
            expression is WindowReference window ? new BoundColumn(places[window.Index], $"WINDOW_{window.Index}", window.Type) : null;
    }
}
