using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Windows;

/// <summary>
/// An aggregate over the frame of each row. How it is computed depends on the frames: once for a partition; in one pass where they all
/// start with it; as the difference of two such passes, where the aggregate allows that; else by <see cref="SlidingGroups"/>. Only frames
/// of a few rows, and aggregates whose value is as long as the frame, are added up anew for each row.
/// </summary>
internal sealed class FrameAggregate
{
    private const int ShortFrame = 48;

    private readonly AggregateBinding _binding;
    private readonly AggregateRows _rows = new();
    private readonly AggregateState _state;
    private readonly SlidingGroups _before;
    private readonly SlidingGroups _after;
    private readonly Column _values;
    private int[] _slots = [];
    private int[] _index = [];
    private int[] _known = [];

    /// <summary>Creates it.</summary>
    public FrameAggregate(AggregateBinding binding)
    {
        _binding = binding;
        _state = binding.CreateState();
        _before = new SlidingGroups(binding, _rows);
        _after = new SlidingGroups(binding, _rows);
        _values = Column.Create(binding.ResultType);
    }

    /// <summary>Bytes held.</summary>
    public long MemoryBytes => _rows.MemoryBytes + _state.MemoryBytes + _before.MemoryBytes + _after.MemoryBytes + _values.MemoryBytes
        + (4L * (_slots.Length + _index.Length + _known.Length));

    /// <summary>Computes the aggregate for all rows.</summary>
    public void Compute(WindowFrames frames, WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column? filter, Column result)
    {
        _rows.Read(filter, partitions.RowCount);
        Ensure(partitions.RowCount);
        if (frames.IsWholePartition)
            Whole(partitions, arguments, result);
        else if (frames is { StartsWithPartition: true, Exclusion: FrameExclusion.None })
            Running(frames, partitions, arguments, result);
        else if (_binding.IsDifference && frames.Exclusion == FrameExclusion.None)
            Difference(frames, partitions, arguments, result);
        else if (IsAddedAnew(frames, partitions))
            Anew(frames, partitions, arguments, result);
        else
            Sliding(frames, partitions, arguments, result);
    }

    private void Ensure(int count)
    {
        if (_slots.Length < count)
        {
            _slots = new int[count];
            _index = new int[count];
        }
    }

    private void Whole(WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column result)
    {
        FillPartitionSlots(partitions);
        _state.Add(arguments, _rows.Selection, _slots.AsSpan(0, _rows.Count), null);
        _values.Reset(partitions.Count);
        _state.Read(RowNumbers.Ascending(partitions.Count), _values, 0);
        for (var p = 0; p < partitions.Count; p++)
            _index.AsSpan(partitions.Starts[p], partitions.Starts[p + 1] - partitions.Starts[p]).Fill(p);
        result.Gather(_values, _index.AsSpan(0, partitions.RowCount), 0);
    }

    /// <summary>Each row that counts gets the aggregate from its partition's start to itself; a frame has that of its last row.</summary>
    private void Running(WindowFrames frames, WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column result)
    {
        Accumulate(partitions, arguments);
        for (var row = 0; row < partitions.RowCount; row++)
        {
            var (start, end) = (_rows.PositionOf(frames.Start[row]), _rows.PositionOf(frames.End[row]));
            _index[row] = end > start ? end - 1 : _rows.Count;
        }

        result.Gather(_values, _index.AsSpan(0, partitions.RowCount), 0);
    }

    /// <summary>Fills the values: one for each row that counts, and behind them that of no rows.</summary>
    private void Accumulate(WindowPartitions partitions, ReadOnlySpan<Column> arguments)
    {
        FillPartitionSlots(partitions);
        _values.Reset(_rows.Count + 1);
        _state.Add(arguments, _rows.Selection, _slots.AsSpan(0, _rows.Count), _values);
        _state.EnsureSlots(partitions.Count + 1);
        _state.ClearMany(partitions.Count, 1);
        _state.Read([partitions.Count], _values, _rows.Count);
    }

    private void Difference(WindowFrames frames, WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column result)
    {
        Accumulate(partitions, arguments);
        CountKnown(arguments);
        if (_values is FixedColumn<long> longs)
            Difference(longs, frames, partitions, (FixedColumn<long>)result, static (a, b) => unchecked(a - b));
        else
            Difference((FixedColumn<Int128>)_values, frames, partitions, (FixedColumn<Int128>)result, static (a, b) => a - b);
    }

    private void Difference<T>(FixedColumn<T> sums, WindowFrames frames, WindowPartitions partitions, FixedColumn<T> result,
        Func<T, T, T> subtract)
        where T : unmanaged
    {
        var emptyIsNull = sums.IsNull(_rows.Count);
        for (var p = 0; p < partitions.Count; p++)
        {
            var first = _rows.PositionOf(partitions.Starts[p]);
            for (var row = partitions.Starts[p]; row < partitions.Starts[p + 1]; row++)
            {
                var (start, end) = (_rows.PositionOf(frames.Start[row]), _rows.PositionOf(frames.End[row]));
                if (end <= start || _known[end] == _known[start])
                {
                    result.Values[row] = default;
                    if (emptyIsNull)
                        result.SetNull(row);
                    continue;
                }

                var last = sums.Values[end - 1];
                result.Values[row] = start > first && !sums.IsNull(start - 1) ? subtract(last, sums.Values[start - 1]) : last;
            }
        }
    }

    /// <summary>Counts, before each position, the rows whose arguments are not null.</summary>
    private void CountKnown(ReadOnlySpan<Column> arguments)
    {
        if (_known.Length <= _rows.Count)
            _known = new int[_rows.Count + 1];
        var count = 0;
        for (var i = 0; i < _rows.Count; i++)
        {
            _known[i] = count;
            if (arguments.Length == 0 || !arguments[0].IsNull(_rows[i]))
                count++;
        }

        _known[_rows.Count] = count;
    }

    private bool IsAddedAnew(WindowFrames frames, WindowPartitions partitions)
    {
        if (_binding.HoldsRows)
            return true;
        if (_binding.MergesExactly)
            return false;
        var longest = 0;
        for (var row = 0; row < partitions.RowCount; row++)
            longest = Math.Max(longest, frames.End[row] - frames.Start[row]);
        return longest <= ShortFrame;
    }

    private void Anew(WindowFrames frames, WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column result)
    {
        Prepare();
        for (var row = 0; row < partitions.RowCount; row++)
        {
            var parts = PartsOf(frames, partitions, row);
            _state.Clear(0);
            AddRows(arguments, parts.BeforeStart, parts.BeforeEnd);
            if (parts.Self >= 0)
                AddRows(arguments, parts.Self, parts.Self + 1);
            AddRows(arguments, parts.AfterStart, parts.AfterEnd);
            _state.Read([0], result, row);
        }
    }

    private void Sliding(WindowFrames frames, WindowPartitions partitions, ReadOnlySpan<Column> arguments, Column result)
    {
        Prepare();
        for (var p = 0; p < partitions.Count; p++)
        {
            _before.Begin(_rows.PositionOf(partitions.Starts[p]));
            _after.Begin(_rows.PositionOf(partitions.Starts[p]));
            for (var row = partitions.Starts[p]; row < partitions.Starts[p + 1]; row++)
            {
                var parts = PartsOf(frames, partitions, row);
                _state.Clear(0);
                _before.MergeInto(_state, 0, arguments, parts.BeforeStart, parts.BeforeEnd);
                if (parts.Self >= 0)
                    AddRows(arguments, parts.Self, parts.Self + 1);
                _after.MergeInto(_state, 0, arguments, parts.AfterStart, parts.AfterEnd);
                _state.Read([0], result, row);
            }
        }
    }

    /// <summary>The parts of a row's frame as positions among the rows that count.</summary>
    private FrameParts PartsOf(WindowFrames frames, WindowPartitions partitions, int row)
    {
        var parts = FrameParts.Of(frames, partitions, row);
        var self = parts.Self >= 0 && _rows.PositionOf(row + 1) > _rows.PositionOf(row) ? _rows.PositionOf(row) : -1;
        return new(
            _rows.PositionOf(parts.BeforeStart), _rows.PositionOf(parts.BeforeEnd), self, _rows.PositionOf(parts.AfterStart),
            _rows.PositionOf(parts.AfterEnd));
    }

    private void Prepare()
    {
        _state.EnsureSlots(1);
        _slots.AsSpan().Clear();
    }

    private void AddRows(ReadOnlySpan<Column> arguments, int from, int to)
    {
        if (from < to)
            _state.Add(arguments, _rows.Slice(from, to), _slots.AsSpan(0, to - from), null);
    }

    private void FillPartitionSlots(WindowPartitions partitions)
    {
        _state.EnsureSlots(partitions.Count);
        _state.ClearMany(0, partitions.Count);
        for (var p = 0; p < partitions.Count; p++)
        {
            var from = _rows.PositionOf(partitions.Starts[p]);
            _slots.AsSpan(from, _rows.PositionOf(partitions.Starts[p + 1]) - from).Fill(p);
        }
    }
}
