using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>One aggregate over the groups of one grouping set, with DISTINCT and ORDER BY.</summary>
internal sealed class GroupedAggregate
{
    private readonly DistinctArguments? _distinct;
    private readonly OrderedArguments? _ordered;
    private readonly AggregateState _state;
    private int[] _slotByRow = [];
    private int[] _narrowedSlots = [];

    /// <summary>Creates it without groups.</summary>
    public GroupedAggregate(AggregateCall call, MemoryBudget budget)
    {
        _distinct = call.Distinct ? new DistinctArguments(call, budget) : null;
        _ordered = call.OrderBy.Count > 0 ? new OrderedArguments(call, budget) : null;
        _state = call.Binding.CreateState();
    }

    /// <summary>Bytes held, but for what is charged already.</summary>
    public long MemoryBytes => _state.MemoryBytes + (4L * (_slotByRow.Length + _narrowedSlots.Length));

    /// <summary>Adds a batch.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="arguments">What the aggregate reads of it.</param>
    /// <param name="slots">The group of each selected row of the batch.</param>
    /// <param name="groupCount">How many groups there are.</param>
    public void Add(ChangeBatch input, AggregateArguments arguments, ReadOnlySpan<int> slots, int groupCount)
    {
        _state.EnsureSlots(groupCount);
        var rows = arguments.Rows;
        if (rows.Count < input.Selection.Count || _distinct is not null)
        {
            SpreadSlots(input, slots);
            if (_distinct is not null)
                rows = _distinct.Narrow(_slotByRow, arguments.Columns, rows);
            slots = NarrowSlots(rows);
        }

        if (_ordered is not null)
            _ordered.Append(slots, arguments, rows);
        else
            _state.Add(arguments.Columns, rows, slots, null);
    }

    /// <summary>Adds groups that another one has made of other rows; for aggregates without DISTINCT and ORDER BY.</summary>
    public void Merge(ReadOnlySpan<int> slots, int groupCount, GroupedAggregate other, ReadOnlySpan<int> otherSlots, int otherGroupCount)
    {
        _state.EnsureSlots(groupCount);
        other._state.EnsureSlots(otherGroupCount);
        _state.MergeMany(slots, other._state, otherSlots);
    }

    /// <summary>Ends the input: rows that had to be sorted first are added now.</summary>
    public void Finish(int groupCount)
    {
        _state.EnsureSlots(groupCount);
        _ordered?.AddTo(_state);
    }

    /// <summary>Writes the values of groups to rows 0... of the output.</summary>
    public void Read(ReadOnlySpan<int> slots, Column output) => _state.Read(slots, output, 0);

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
