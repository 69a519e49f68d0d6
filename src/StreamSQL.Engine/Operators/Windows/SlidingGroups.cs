using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// The aggregate of a range of rows whose two ends only move forward, by a queue of two stacks: the front holds, for each of its rows, the
/// aggregate from that row to the front's end; the back is one aggregate of the rows behind. Every row
/// is added twice at most, however long the ranges are.
/// </summary>
internal sealed class SlidingGroups(AggregateBinding binding, AggregateRows rows)
{
    private const int Back = 0;
    private readonly AggregateState _front = binding.CreateState();
    private readonly AggregateState _back = CreateBack(binding);
    private int[] _slots = [];
    private int _frontStart;
    private int _frontEnd;
    private int _end;

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => _front.MemoryBytes + _back.MemoryBytes + (4L * _slots.Length);

    /// <summary>Begins a partition at a position.</summary>
    public void Begin(int position)
    {
        _frontStart = _frontEnd = _end = position;
        _back.Clear(Back);
    }

    /// <summary>
    /// Adds the aggregate of positions [start, end) to a slot of a state of the same binding; neither may be less than before.
    /// </summary>
    public void MergeInto(AggregateState target, int slot, ReadOnlySpan<Column> arguments, int start, int end)
    {
        if (start >= end)
        {
            // Whatever comes later starts no earlier.
            if (start > _end)
                Begin(start);
            return;
        }

        if (start >= _end)
            Begin(start);
        if (end > _end)
        {
            Add(_back, arguments, _end, end, Back, 0);
            _end = end;
        }

        if (start >= _frontEnd && start < _end)
            Flip(arguments, start);
        if (start < _frontEnd)
            target.Merge(slot, _front, start - _frontStart);
        if (_frontEnd < _end)
            target.Merge(slot, _back, Back);
    }

    /// <summary>Turns all rows into the front.</summary>
    private void Flip(ReadOnlySpan<Column> arguments, int start)
    {
        var count = _end - start;
        _front.EnsureSlots(count);
        _front.ClearMany(0, count);
        Add(_front, arguments, start, _end, 0, 1);
        for (var i = count - 2; i >= 0; i--)
            _front.Merge(i, _front, i + 1);
        _back.Clear(Back);
        (_frontStart, _frontEnd) = (start, _end);
    }

    private void Add(AggregateState state, ReadOnlySpan<Column> arguments, int from, int to, int firstSlot, int step)
    {
        if (_slots.Length < to - from)
            _slots = new int[Math.Max(64, to - from)];
        for (var i = 0; i < to - from; i++)
            _slots[i] = firstSlot + (i * step);
        state.Add(arguments, rows.Slice(from, to), _slots.AsSpan(0, to - from), null);
    }

    private static AggregateState CreateBack(AggregateBinding binding)
    {
        var state = binding.CreateState();
        state.EnsureSlots(1);
        return state;
    }
}
