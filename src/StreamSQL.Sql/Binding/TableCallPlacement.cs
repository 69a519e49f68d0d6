using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Puts the functions of a bounded SELECT that give rows into its plan, by PostgreSQL's rules: those that GROUP BY names give their rows
/// before these are grouped, all others behind groups and windows. Calls side by side go on together, the shorter padded with NULL; a call
/// in the arguments of another gives its rows first.
/// </summary>
internal sealed class TableCallPlacement
{
    private readonly TableCall[] _calls;
    private readonly BoundColumn?[] _places;

    /// <param name="calls">The calls.</param>
    public TableCallPlacement(TableCallCollector calls)
    {
        _calls = [.. calls.Calls];
        _places = new BoundColumn?[_calls.Length];
    }

    /// <summary>Whether every call has its place.</summary>
    public bool IsDone => _places.All(static place => place is not null);

    /// <summary>The rows of the calls that some expressions name.</summary>
    public LogicalPlan Expand(LogicalPlan plan, IEnumerable<BoundExpression> expressions)
    {
        var named = new Finder(_calls);
        foreach (var expression in expressions)
            named.Rewrite(expression);
        return Expand(plan, named.Found);
    }

    /// <summary>The rows of all calls that have no place yet.</summary>
    public LogicalPlan Expand(LogicalPlan plan) => Expand(plan, [.. Enumerable.Range(0, _calls.Length).Where(i => _places[i] is null)]);

    /// <summary>Moves the arguments of the calls that have no place yet over a plan.</summary>
    public void MoveArguments(Func<BoundExpression, BoundExpression> move)
    {
        for (var i = 0; i < _calls.Length; i++)
        {
            if (_places[i] is null)
                _calls[i] = _calls[i] with { Arguments = [.. _calls[i].Arguments.Select(move)] };
        }
    }

    /// <summary>The expression with the columns of calls that have a place.</summary>
    public BoundExpression Place(BoundExpression expression) => new Rewriter(_places).Rewrite(expression);

    private LogicalPlan Expand(LogicalPlan plan, HashSet<int> wanted)
    {
        while (wanted.Count > 0)
        {
            // What no other call's rows have to be there for, in one step.
            int[] step = [.. wanted.Where(i => !_calls[i].Arguments.Any(argument => Contains<TableCallReference>.In(Place(argument))))
                .Order()];
            var first = plan.Schema.Columns.Count;
            TableCall[] calls = [.. step.Select(i => _calls[i] with { Arguments = [.. _calls[i].Arguments.Select(Place)] })];
            IEnumerable<PlanColumn> columns = step.Select(i => new PlanColumn($"ROWS_{i}", _calls[i].Binding.ResultType, ColumnRole.Value));
            plan = new LogicalExpand(
                plan, [.. Enumerable.Range(0, first)], calls,
                new PlanSchema([.. plan.Schema.Columns.Select(static c => c with { Role = ColumnRole.Value }), .. columns],
                    RelationKind.Rows));
            for (var i = 0; i < step.Length; i++)
                _places[step[i]] = new BoundColumn(first + i, $"ROWS_{step[i]}", _calls[step[i]].Binding.ResultType);
            wanted.ExceptWith(step);
        }

        return plan;
    }

    /// <summary>The calls that expressions name, and those in their arguments.</summary>
    private sealed class Finder(TableCall[] calls) : ExpressionRewriter
    {
        public HashSet<int> Found { get; } = [];

        protected override BoundExpression? Replace(BoundExpression expression)
        {
            if (expression is TableCallReference call && Found.Add(call.Index))
            {
                foreach (var argument in calls[call.Index].Arguments)
                    Rewrite(argument);
            }

            return null;
        }
    }

    private sealed class Rewriter(BoundColumn?[] places) : ExpressionRewriter
    {
        protected override BoundExpression? Replace(BoundExpression expression) =>
            expression is TableCallReference call ? places[call.Index] : null;
    }
}
