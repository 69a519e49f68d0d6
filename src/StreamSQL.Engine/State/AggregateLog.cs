using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.State;

/// <summary>
/// Writes the changes of an <see cref="AggregateTable"/> to its changelog, and reads them back. A row's key: window start (when windowed),
/// encoded group key. Its value: time of the last change, then the aggregates as they save themselves. By slices, the start of the slice
/// and of its first window stand in place of the window's, and the kind of the entry is another one.
/// </summary>
internal sealed class AggregateLog(AggregateTable table)
{
    private readonly ArrayBufferWriter<byte> _value = new();

    private byte RowKind => table.Slices is null ? StateEntries.RowKind : StateEntries.SliceKind;

    /// <summary>
    /// Appends what the open commit changed: the touched groups once each, a removal for each group of a dropped window, the clock.
    /// </summary>
    public void WriteChanges(SliceList keys, SliceList values)
    {
        foreach (var group in table.Dirty)
        {
            if (group.IsExpired)
                continue;
            foreach (var slot in group.Touched)
            {
                AppendKey(group, slot, keys);
                AppendValue(group.States, slot, group.TimeOf(slot), values);
            }
        }

        foreach (var group in table.Windows)
        {
            if (!group.IsExpired)
                break;
            WriteRemovals(group, keys, values);
        }

#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ForgetStreamTime))
            return;
#endif
        if (table.Clock != table.CommittedClock)
            StateEntries.AppendClock(table.Clock, keys, values);
    }

    /// <summary>Applies entries in order.</summary>
    /// <exception cref="InvalidDataException">The bytes are not this table's.</exception>
    public void Read(SliceList keys, SliceList values)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var kind = StateEntries.ReadKind(ref key);
            if (kind == StateEntries.ClockKind)
                table.Clock = StateEntries.ReadClock(values[i]);
            else if (kind != RowKind)
                throw new InvalidDataException($"a state entry of kind {kind} among entries of kind {RowKind}");
            else if (values.IsNull(i))
                Remove(key);
            else
                ReadRow(key, values[i]);
        }

        foreach (var group in table.Windows)
            table.Charge(group);
        table.DropEmpty();
    }

    private void WriteRemovals(GroupTable group, SliceList keys, SliceList values)
    {
        for (var slot = 0; slot < group.Index.SlotLimit; slot++)
        {
            if (!group.IsCommitted(slot))
                continue;
            AppendKey(group, slot, keys);
            values.AddNull();
        }
    }

    private void AppendKey(GroupTable group, int slot, SliceList keys)
    {
        if (table.Slices is not null)
            StateEntries.AppendRowKey([group.Start, group.FirstWindow], group.Index, slot, keys, RowKind);
        else if (table.Window is null)
            StateEntries.AppendRowKey([], group.Index, slot, keys);
        else
            StateEntries.AppendRowKey([group.Start], group.Index, slot, keys);
    }

    private void AppendValue(AggregateState[] states, int slot, long time, SliceList values)
    {
        _value.ResetWrittenCount();
        StateEntries.BeginValue(_value, time);
        foreach (var state in states)
            state.Save(slot, _value);
        values.Append(_value.WrittenSpan);
    }

    private void ReadRow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var group = table.FindOrAdd(ReadPart(ref key));
        var slot = group.RestoreGroup(key, StateEntries.ReadTime(ref value));
        foreach (var state in group.States)
            value = value[state.Load(slot, value)..];
        if (!value.IsEmpty)
            throw new InvalidDataException("a state entry's value is too long");
    }

    private PartId ReadPart(ref ReadOnlySpan<byte> key)
    {
        if (table.Window is null)
            return PartId.Whole;
        var start = StateEntries.ReadPrefix(ref key);
        return table.Slices is null ? PartId.OfWindow(start) : new(start, StateEntries.ReadPrefix(ref key));
    }

    private void Remove(ReadOnlySpan<byte> key)
    {
        var group = table.Find(ReadPart(ref key));
        var slot = group?.Index.Find(key) ?? -1;
        if (slot >= 0)
            group!.Remove(slot);
    }
}
