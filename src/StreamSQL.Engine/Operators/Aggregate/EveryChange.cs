using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// Collects one output row for every pair of row and window: the group's value right after that row.
/// With old columns, also its value right before.
/// </summary>
internal sealed class EveryChange
{
    private readonly AggregateTable _table;
    private readonly ChangeBatch _output;
    private readonly Column[] _values;
    private readonly Column[] _before;
    private readonly CauseHeaders _causes = new();
    private ChangeFlags[] _flags = [];
    private long[] _times = [];
    private long[] _timesBefore = [];
    private int[] _previous = [];
    private int[] _positionBySlot = [];
    private int[] _scratch = [];

    /// <summary>Creates the collector.</summary>
    public EveryChange(AggregateTable table, ChangeBatch output)
    {
        _table = table;
        _output = output;
        var types = table.Schema.Columns.Skip(FirstValue).Select(static column => column.Type).ToArray();
        _values = types.Select(Column.Create).ToArray();
        _before = types.Select(Column.Create).ToArray();
    }

    private int FirstValue => _table.KeyCount + _table.BoundCount;

    /// <summary>Begins the output for a number of pairs.</summary>
    public void Begin(int pairs)
    {
        _output.Reset(pairs);
        if (_flags.Length >= pairs)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, pairs);
        _flags = new ChangeFlags[size];
        _times = new long[size];
        _timesBefore = new long[size];
        _previous = new int[size];
        _scratch = new int[size];
    }

    /// <summary>Adds the rows of one window to its groups and collects the values on the way.</summary>
    /// <param name="group">The window's groups.</param>
    /// <param name="input">The batch's arguments.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="slots">Their groups.</param>
    /// <param name="rowTimes">Times of the batch's rows.</param>
    /// <param name="pairs">Where each row's output goes; empty when row i's goes to i.</param>
    public void Add(GroupTable group, AggregateInput input, RowSelection rows, ReadOnlySpan<int> slots, long[] rowTimes,
        ReadOnlySpan<int> pairs)
    {
        var wantsOld = _output.OldColumns is not null;
        if (wantsOld)
            ReadBefore(group, slots);
        group.AddTimes(slots, rows, rowTimes, _times);
        for (var a = 0; a < _values.Length; a++)
        {
            _values[a].Reset(slots.Length);
            group.States[a].Add(input.Arguments[a], rows, slots, _values[a]);
        }

        if (wantsOld)
            ChainWithinBatch(group, slots);
        Place(group, input, rows, pairs.IsEmpty ? RowNumbers.Ascending(slots.Length) : pairs);
    }

    /// <summary>Ends the output: its rows have the headers of those of the batch that made them come.</summary>
    public void End(ChangeBatch batch) => _causes.Give(batch.Headers, _output);

    /// <summary>What the groups were before these rows.</summary>
    private void ReadBefore(GroupTable group, ReadOnlySpan<int> slots)
    {
        group.ReadTimes(slots, _timesBefore);
        for (var a = 0; a < _before.Length; a++)
        {
            _before[a].Reset(slots.Length);
            group.States[a].Read(slots, _before[a], 0);
        }
    }

    /// <summary>Where a group comes twice, what it was before the second row is what it was after the first.</summary>
    private void ChainWithinBatch(GroupTable group, ReadOnlySpan<int> slots)
    {
        if (_positionBySlot.Length < group.Index.SlotLimit)
            _positionBySlot = new int[group.Index.SlotLimit];
        var repeats = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            ref var position = ref _positionBySlot[slots[i]];
            if (position > 0)
            {
                _previous[repeats] = position - 1;
                _scratch[repeats++] = i;
                _timesBefore[i] = 0;
            }

            position = i + 1;
        }

        foreach (var slot in slots)
            _positionBySlot[slot] = 0;
        for (var a = 0; a < _before.Length; a++)
            _before[a].Scatter(_values[a], _previous.AsSpan(0, repeats), _scratch.AsSpan(0, repeats));
    }

    private void Place(GroupTable group, AggregateInput input, RowSelection rows, ReadOnlySpan<int> pairs)
    {
        PlaceSide(_output.Columns, _values, group, input, rows, pairs);
        for (var i = 0; i < pairs.Length; i++)
        {
            _output.RowTime.Values[pairs[i]] = _times[i];
            _causes.Set(pairs[i], rows[i]);
        }

        if (_output.OldColumns is not { } old)
            return;

        PlaceSide(old, _before, group, input, rows, pairs);
        for (var i = 0; i < pairs.Length; i++)
            _flags[pairs[i]] = _timesBefore[i] == long.MinValue ? ChangeFlags.HasNew : ChangeFlags.HasNew | ChangeFlags.HasOld;
        _output.SetFlags(_flags);
    }

    private void PlaceSide(Column[] columns, Column[] values, GroupTable group, AggregateInput input, RowSelection rows,
        ReadOnlySpan<int> pairs)
    {
        for (var k = 0; k < _table.KeyCount; k++)
            columns[k].Scatter(input.Keys[k], RowNumbers.Of(rows), pairs);
        if (_table.BoundCount > 0)
        {
            var starts = ((FixedColumn<long>)columns[_table.KeyCount]).Values;
            var ends = ((FixedColumn<long>)columns[_table.KeyCount + 1]).Values;
            foreach (var pair in pairs)
            {
                starts[pair] = group.Start;
                ends[pair] = group.End;
            }
        }

        for (var a = 0; a < values.Length; a++)
            columns[FirstValue + a].Scatter(values[a], RowNumbers.Ascending(pairs.Length), pairs);
    }
}
