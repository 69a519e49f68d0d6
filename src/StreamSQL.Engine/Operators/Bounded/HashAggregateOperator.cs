using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// Groups finished rows, by one or several grouping sets at once. Nulls form a group like any value; a set without keys has one group, also
/// when there is no row. Keys and arguments are evaluated once for all sets.
/// </summary>
internal sealed class HashAggregateOperator : Operator
{
    private readonly ExpressionEvaluator[] _keys;
    private readonly Column[] _keyColumns;
    private readonly AggregateArguments[] _arguments;
    private readonly GroupingSetGroups[] _sets;
    private readonly MemoryBudget _budget;
    private readonly ChangeBatch _output;
    private long _charged;
    private int _set;
    private int _next = -1;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="plan">The grouping.</param>
    public HashAggregateOperator(OperatorContext context, LogicalAggregate plan)
    {
        _budget = context.Budget.Part("a grouping");
        _keys = ExpressionEvaluator.CreateAll(plan.Keys, context);
        _keyColumns = new Column[_keys.Length];
        _arguments = [.. plan.Aggregates.Select(call => new AggregateArguments(call, context))];
        var sets = plan.GroupingSets ?? [[.. Enumerable.Range(0, plan.Keys.Count)]];
        _sets = [.. sets.Select(set => new GroupingSetGroups(set, plan, _budget))];
        _output = new ChangeBatch(plan.Schema.Columns.Select(static column => column.Type).ToArray());
    }

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">53200: more groups than the budget allows; or an aggregate failed.</exception>
    public override void Push(ChangeBatch input, int port = 0)
    {
        for (var i = 0; i < _keys.Length; i++)
            _keyColumns[i] = _keys[i].Evaluate(input, input.Selection);
        foreach (var arguments in _arguments)
            arguments.Evaluate(input);
        foreach (var set in _sets)
            set.Add(input, _keyColumns, _arguments);
        Charge();
    }

    /// <summary>Adds the groups that another one has made of other rows.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: more groups than the budget allows; or an aggregate failed.</exception>
    public void Merge(HashAggregateOperator other)
    {
        for (var i = 0; i < _sets.Length; i++)
            _sets[i].Merge(other._sets[i]);
        Charge();
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal != OperatorSignal.End)
            return;
        foreach (var set in _sets)
            set.Finish();
        (_set, _next) = (0, 0);
    }

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        while (_next >= 0 && _next == _sets[_set].Count)
            (_set, _next) = _set + 1 < _sets.Length ? (_set + 1, 0) : (0, -1);
        if (_next < 0)
            return null;
        var count = Math.Min(_sets[_set].Count - _next, ChangeBatch.MaxRows);
        _output.Reset(count);
        _output.RowTime.Values.AsSpan(0, count).Clear();
        _sets[_set].Read(_next, count, _keys.Length, _output.Columns);
        _next += count;
        return _output;
    }

    private void Charge()
    {
        var bytes = 0L;
        foreach (var set in _sets)
            bytes += set.MemoryBytes;
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }
}
