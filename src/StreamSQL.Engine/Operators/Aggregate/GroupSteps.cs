using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>Collects every single change of groups without windows: the value before (where wanted) and after.</summary>
internal sealed class GroupSteps
{
    private readonly AggregateTable _table;
    private readonly ChangeBatch _output;
    private readonly Column[] _new;
    private readonly Column[] _old;
    private readonly CauseHeaders _causes = new();
    private GroupTable? _group;
    private int[] _slots = new int[ChangeBatch.MaxRows];
    private long[] _times = new long[ChangeBatch.MaxRows];
    private ChangeFlags[] _flags = new ChangeFlags[ChangeBatch.MaxRows];
    private int _count;

    /// <summary>Creates the collector.</summary>
    public GroupSteps(AggregateTable table, ChangeBatch output)
    {
        _table = table;
        _output = output;
        var types = table.Schema.Columns.Skip(table.KeyCount).Select(static column => column.Type).ToArray();
        _new = types.Select(Column.Create).ToArray();
        _old = types.Select(Column.Create).ToArray();
    }

    /// <summary>Begins anew.</summary>
    public void Begin(GroupTable group)
    {
        _group = group;
        _count = 0;
        foreach (var column in _new)
            column.Reset(0);
        foreach (var column in _old)
            column.Reset(0);
    }

    /// <summary>Notes what a group is before a change.</summary>
    public void Before(int slot)
    {
        if (_count == _slots.Length)
        {
            Array.Resize(ref _slots, _count * 2);
            Array.Resize(ref _times, _count * 2);
            Array.Resize(ref _flags, _count * 2);
        }

        var existed = _group!.TimeOf(slot) != long.MinValue;
        _flags[_count] = existed ? ChangeFlags.HasNew | ChangeFlags.HasOld : ChangeFlags.HasNew;
        if (_output.OldColumns is not null)
            Read(slot, _old);
    }

    /// <summary>Notes what it is after the change, which a row of the input made.</summary>
    public void After(int slot, int row)
    {
        _causes.Set(_count, row);
        Read(slot, _new);
        _slots[_count] = slot;
        _times[_count++] = _group!.TimeOf(slot);
    }

    /// <summary>Puts the changes together, with the headers of the input's rows; null when there are none.</summary>
    public ChangeBatch? Finish(ChangeBatch input)
    {
        if (_count == 0)
            return null;
        _output.Reset(_count);
        Place(_output.Columns, _new);
        if (_output.OldColumns is not null)
            Place(_output.OldColumns, _old);
        _times.AsSpan(0, _count).CopyTo(_output.RowTime.Values);
        _output.SetFlags(_flags);
        _causes.Give(input.Headers, _output);
        return _output;
    }

    private void Read(int slot, Column[] columns)
    {
        for (var a = 0; a < columns.Length; a++)
        {
            columns[a].Grow(_count + 1);
            _group!.States[a].Read([slot], columns[a], _count);
        }
    }

    private void Place(Column[] columns, Column[] values)
    {
        _group!.Index.ReadKeys(_slots.AsSpan(0, _count), columns.AsSpan(0, _table.KeyCount), 0);
        for (var a = 0; a < values.Length; a++)
            columns[_table.KeyCount + a].Gather(values[a], RowNumbers.Ascending(_count), 0);
    }
}
