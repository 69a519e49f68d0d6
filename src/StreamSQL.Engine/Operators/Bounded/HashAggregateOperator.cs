using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>Groups finished rows. Nulls form a group like any value; without keys there is one group, also when there is no row.</summary>
internal sealed class HashAggregateOperator : Operator
{
    private readonly ExpressionEvaluator[] _keys;
    private readonly Column[] _keyColumns;
    private readonly KeyIndex? _index;
    private readonly BoundedAggregate[] _aggregates;
    private readonly MemoryBudget _budget;
    private readonly ChangeBatch _output;
    private int[] _slots = [];
    private long _charged;
    private int _next = -1;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="keys">Group keys over the input.</param>
    /// <param name="aggregates">The aggregates.</param>
    /// <param name="schema">The output: keys, then aggregates.</param>
    public HashAggregateOperator(
        OperatorContext context, IReadOnlyList<BoundExpression> keys, IReadOnlyList<AggregateCall> aggregates, PlanSchema schema)
    {
        _keys = ExpressionEvaluator.CreateAll(keys, context);
        _keyColumns = new Column[_keys.Length];
        _index = keys.Count == 0 ? null : KeyIndex.Create(keys.Select(static key => key.Type).ToArray(), nullable: true);
        _aggregates = aggregates.Select(call => new BoundedAggregate(call, context)).ToArray();
        _budget = context.Budget;
        _output = new ChangeBatch(schema.Columns.Select(static column => column.Type).ToArray());
    }

    private int GroupCount => _index?.SlotLimit ?? 1;

    /// <inheritdoc/>
    /// <exception cref="Data.Errors.SqlException">53200: more groups than the budget allows; or an aggregate failed.</exception>
    public override void Push(ChangeBatch input, int port = 0)
    {
        var rows = input.Selection;
        if (_slots.Length < rows.Count)
            _slots = new int[Math.Max(64, rows.Count)];
        for (var i = 0; i < _keys.Length; i++)
            _keyColumns[i] = _keys[i].Evaluate(input, rows);
        _index?.FindOrAdd(_keyColumns, rows, _slots);

        var bytes = (_index?.MemoryBytes ?? 0) + (4L * _slots.Length);
        foreach (var aggregate in _aggregates)
        {
            aggregate.Add(input, _slots.AsSpan(0, rows.Count), GroupCount);
            bytes += aggregate.MemoryBytes;
        }

        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal == OperatorSignal.End)
            _next = 0;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        if (_next < 0)
            return null;
        var count = Math.Min(GroupCount - _next, ChangeBatch.MaxRows);
        if (count == 0)
        {
            _next = -1;
            return null;
        }

        var slots = RowNumbers.Ascending(_next + count)[_next..];
        _output.Reset(count);
        _output.RowTime.Values.AsSpan(0, count).Clear();
        _index?.ReadKeys(slots, _output.Columns.AsSpan(0, _keys.Length), 0);
        for (var i = 0; i < _aggregates.Length; i++)
            _aggregates[i].Read(slots, GroupCount, _output.Columns[_keys.Length + i]);
        _next += count;
        return _output;
    }

    /// <summary>One aggregate with its arguments, FILTER and DISTINCT.</summary>
    private sealed class BoundedAggregate
    {
        private readonly ExpressionEvaluator[] _arguments;
        private readonly Column[] _columns;
        private readonly PredicateEvaluator? _filter;
        private readonly DistinctArguments? _distinct;
        private readonly AggregateState _state;
        private int[] _slotByRow = [];
        private int[] _narrowedSlots = [];

        public BoundedAggregate(AggregateCall call, OperatorContext context)
        {
            _arguments = ExpressionEvaluator.CreateAll(call.Arguments, context);
            _columns = new Column[_arguments.Length];
            _filter = call.Filter is null ? null : new PredicateEvaluator(call.Filter, context);
            _distinct = call.Distinct ? new DistinctArguments(call, context.Budget) : null;
            _state = call.Binding.CreateState();
        }

        public long MemoryBytes => _state.MemoryBytes;

        public void Add(ChangeBatch input, ReadOnlySpan<int> slots, int groupCount)
        {
            _state.EnsureSlots(groupCount);
            var rows = _filter is null ? input.Selection : _filter.Evaluate(input, input.Selection);
            for (var i = 0; i < _columns.Length; i++)
                _columns[i] = _arguments[i].Evaluate(input, rows);
            if (rows.Count < input.Selection.Count || _distinct is not null)
            {
                SpreadSlots(input, slots);
                if (_distinct is not null)
                    rows = _distinct.Narrow(_slotByRow, _columns, rows);
                slots = NarrowSlots(rows);
            }

            _state.Add(_columns, rows, slots, null);
        }

        public void Read(ReadOnlySpan<int> slots, int groupCount, Column output)
        {
            _state.EnsureSlots(groupCount);
            _state.Read(slots, output, 0);
        }

        private void SpreadSlots(ChangeBatch input, ReadOnlySpan<int> slots)
        {
            if (_slotByRow.Length < input.RowCount)
            {
                _slotByRow = new int[Math.Max(64, input.RowCount)];
                _narrowedSlots = new int[_slotByRow.Length];
            }

            for (var i = 0; i < slots.Length; i++)
                _slotByRow[input.Selection[i]] = slots[i];
        }

        private ReadOnlySpan<int> NarrowSlots(RowSelection rows)
        {
            for (var i = 0; i < rows.Count; i++)
                _narrowedSlots[i] = _slotByRow[rows[i]];
            return _narrowedSlots.AsSpan(0, rows.Count);
        }
    }
}
