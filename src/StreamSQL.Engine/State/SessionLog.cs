using System.Buffers;
using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.State;

/// <summary>
/// Writes the changes of a <see cref="SessionTable"/> to its changelog, and reads them back. A session's key: start, end, encoded key. Its
/// value: its end, then the aggregates as they save themselves.
/// </summary>
internal sealed class SessionLog(SessionTable table)
{
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly List<SessionChange> _changes = [];

    /// <summary>Appends what the open commit changed.</summary>
    public void WriteChanges(SliceList keys, SliceList values)
    {
        foreach (var key in table.TouchedKeys)
        {
            _changes.Clear();
            SessionChanges.Collect(table, key, withExpired: true, _changes);
            foreach (var change in _changes)
            {
#if PLANTED_BUGS
                if (Planted.IsAwake(PlantedBug.ForgetMergedSessions) && change.After < 0)
                    continue;
#endif
                AppendKey(change.After >= 0 ? change.After : change.Before, keys);
                if (change.After >= 0)
                    AppendValue(change.After, values);
                else
                    values.AddNull();
            }
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
            {
                table.Clock = StateEntries.ReadClock(values[i]);
                continue;
            }

            var start = StateEntries.ReadPrefix(ref key);
            var end = StateEntries.ReadPrefix(ref key);
            if (values.IsNull(i))
                table.RestoreRemoval(key, start, end);
            else
                ReadSession(key, start, end, values[i]);
        }
    }

    private void ReadSession(ReadOnlySpan<byte> key, long start, long end, ReadOnlySpan<byte> value)
    {
        StateEntries.ReadTime(ref value);
        var node = table.RestoreSession(key, start, end);
        foreach (var state in table.Nodes.States)
            value = value[state.Load(node, value)..];
        if (!value.IsEmpty)
            throw new InvalidDataException("a state entry's value is too long");
    }

    private void AppendKey(int node, SliceList keys) =>
        StateEntries.AppendRowKey([table.Nodes.StartOf(node), table.Nodes.EndOf(node)], table.Index, table.Nodes.KeyOf(node), keys);

    private void AppendValue(int node, SliceList values)
    {
        _value.ResetWrittenCount();
        StateEntries.BeginValue(_value, table.Nodes.EndOf(node));
        foreach (var state in table.Nodes.States)
            state.Save(node, _value);
        values.Append(_value.WrittenSpan);
    }
}
