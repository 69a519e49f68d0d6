using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Writes the changes of a <see cref="JoinBuffer"/> to its changelog, and reads them back. A row's entry: its time and number; whether it
/// waits for a match, its encoded key, its values. A second entry of the same time and number says that
/// it waits no more; both are removed with the row.
/// </summary>
internal sealed class JoinBufferLog(JoinBuffer buffer)
{
    /// <summary>First byte of the key of an entry that says that a row waits no more.</summary>
    private const byte ReleasedKind = 3;

    private const int KeyBytes = 1 + sizeof(long) + sizeof(long);

    private readonly ByteWriter _value = new();
    private Column[]? _row;

    /// <summary>Appends what the open commit has stored, released and forgotten, and the clock.</summary>
    public void WriteChanges(SliceList keys, SliceList values)
    {
        foreach (var row in buffer.NewRows)
        {
            var flags = buffer.FlagsOf(row);
            if ((flags & JoinBuffer.RowFlags.Going) != 0)
                continue;
            AppendKey(StateEntries.RowKind, row, keys);
            AppendValue(row, (flags & JoinBuffer.RowFlags.Held) != 0, values);
        }

#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.ForgetReleasedRows))
#endif
        foreach (var row in buffer.ReleasedRows)
        {
            if ((buffer.FlagsOf(row) & (JoinBuffer.RowFlags.Going | JoinBuffer.RowFlags.New)) != 0)
                continue;
            AppendKey(ReleasedKind, row, keys);
            values.Append([StateEntries.FormatVersion]);
        }

        buffer.VisitGoing(row => AppendRemoval(row, keys, values));
        if (buffer.Clock != buffer.CommittedClock)
            StateEntries.AppendClock(buffer.Clock, keys, values);
    }

    /// <summary>Applies entries in order.</summary>
    /// <exception cref="InvalidDataException">The bytes are not this buffer's.</exception>
    public void Read(SliceList keys, SliceList values)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var kind = StateEntries.ReadKind(ref key);
            if (kind == StateEntries.ClockKind)
            {
                buffer.RestoreClock(StateEntries.ReadClock(values[i]));
                continue;
            }

            var time = StateEntries.ReadPrefix(ref key);
            var number = StateEntries.ReadPrefix(ref key);
            var row = buffer.FindNumber(number);
            if (kind == ReleasedKind && row >= 0 && !values.IsNull(i))
                buffer.EndHold(row);
            else if (kind == StateEntries.RowKind && values.IsNull(i) && row >= 0)
                buffer.RestoreRemoval(row);
            else if (kind == StateEntries.RowKind && !values.IsNull(i) && row < 0)
                ReadRow(values[i], time, number);
            else if (kind is not (ReleasedKind or StateEntries.RowKind))
                throw new InvalidDataException("an entry of a join buffer is of an unknown kind");
        }

        buffer.Settle();
    }

    private void ReadRow(ReadOnlySpan<byte> value, long time, long number)
    {
        var rest = StateEntries.CheckVersion(value);
        if (rest.Length < 5)
            throw new InvalidDataException("an entry of a join buffer ends too early");
        var isHeld = rest[0] != 0;
        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(rest[1..]);
        if ((uint)keyLength > (uint)(rest.Length - 5))
            throw new InvalidDataException("the key of a join buffer's entry is cut off");
        _row ??= [.. buffer.Values.Select(static column => Column.Create(column.Type))];
        foreach (var column in _row)
            column.Reset(1);
        var position = 5 + keyLength;
        RowCodec.Read(rest, ref position, _row, 0);
        var row = buffer.RestoreRow(rest.Slice(5, keyLength), time, number, isHeld);
        for (var c = 0; c < _row.Length; c++)
            buffer.Values[c].CopyRow(_row[c], 0, row);
    }

    private void AppendKey(byte kind, int row, SliceList keys)
    {
        var key = keys.Reserve(KeyBytes);
        key[0] = kind;
        BinaryPrimitives.WriteInt64BigEndian(key[1..], buffer.TimeOf(row));
        BinaryPrimitives.WriteInt64BigEndian(key[9..], buffer.NumberOf(row));
        keys.Commit(KeyBytes);
    }

    private void AppendValue(int row, bool isHeld, SliceList values)
    {
        var key = buffer.KeyOf(row);
        var length = buffer.Index.EncodedLength(key);
        _value.Clear();
        var head = _value.Append(6 + length);
        head[0] = StateEntries.FormatVersion;
        head[1] = isHeld ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(head[2..], length);
        buffer.Index.WriteEncoded(key, head[6..]);
        RowCodec.Write(_value, buffer.Values, row);
        values.Append(_value.Written);
    }

    private void AppendRemoval(int row, SliceList keys, SliceList values)
    {
        if ((buffer.FlagsOf(row) & JoinBuffer.RowFlags.New) != 0)
            return;
        AppendKey(StateEntries.RowKind, row, keys);
        values.AddNull();
        if (!buffer.HoldsRows)
            return;
        AppendKey(ReleasedKind, row, keys);
        values.AddNull();
    }
}
