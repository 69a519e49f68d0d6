using System.Buffers;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Functions;

namespace StreamSQL.Engine.State;

/// <summary>
/// Writes the changes of an <see cref="AggregateTable"/> to its changelog, and reads them back. A row's key: window start (when windowed), encoded group key. Its value: time
/// of the last change, then the aggregates as they save themselves.
/// </summary>
internal sealed class AggregateLog(AggregateTable table)
{
    private readonly ArrayBufferWriter<byte> _value = new();

    /// <summary>Appends what the open commit changed: the touched groups once each, a removal for each group of a dropped window, the clock.</summary>
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
            if (StateEntries.ReadKind(ref key) == StateEntries.ClockKind)
                table.Clock = StateEntries.ReadClock(values[i]);
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
        if (table.Window is null)
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
        var group = table.FindOrAdd(table.Window is null ? 0 : StateEntries.ReadPrefix(ref key));
        var slot = group.RestoreGroup(key, StateEntries.ReadTime(ref value));
        foreach (var state in group.States)
            value = value[state.Load(slot, value)..];
        if (!value.IsEmpty)
            throw new InvalidDataException("a state entry's value is too long");
    }

    private void Remove(ReadOnlySpan<byte> key)
    {
        var group = table.Find(table.Window is null ? 0 : StateEntries.ReadPrefix(ref key));
        var slot = group?.Index.Find(key) ?? -1;
        if (slot >= 0)
            group!.Remove(slot);
    }
}
