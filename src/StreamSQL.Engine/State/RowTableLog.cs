using System.Buffers.Binary;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Writes the changes of a <see cref="RowTable"/> to its changelog, and reads them back: encoded key; time of the row, then its values.
/// Keys without NULLs have the same bytes whether the table's keys are nullable or not, so changelogs
/// from before keys could be are read as ever.
/// </summary>
internal sealed class RowTableLog(RowTable table)
{
    private readonly ByteWriter _value = new();
    private readonly NullableKeyCodec? _nullable = table.HasNullableKeys ? new(table) : null;
    private Column[]? _row;

    /// <summary>Appends the rows that the open commit touched; a deleted one as a removal.</summary>
    public void WriteChanges(SliceList keys, SliceList values)
    {
        foreach (var slot in table.Touched.Slots)
        {
            var isLive = table.IsLive(slot);
            if (!isLive && !table.IsCommitted(slot))
                continue;
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.ForgetDeletion) && !isLive)
                continue;
#endif
            if (_nullable is null)
                StateEntries.AppendRowKey([], table.Index, slot, keys);
            else
                _nullable.Append(slot, keys);
            if (isLive)
                AppendValue(table.Values, slot, table.TimeOf(slot), values);
            else
                values.AddNull();
        }
    }

    /// <summary>Applies entries in order.</summary>
    /// <exception cref="InvalidDataException">The bytes are not this table's.</exception>
    public void Read(SliceList keys, SliceList values)
    {
        var row = Row();
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var kind = StateEntries.ReadKind(ref key);
            if (kind == StateEntries.RowKind)
                key = _nullable is null ? key : _nullable.WithNullBytes(key);
            else if (kind != StateEntries.NullableRowKind || _nullable is null)
                throw new InvalidDataException("a row table's entry is not a row");
            if (values.IsNull(i))
            {
                table.RestoreRemoval(key);
                continue;
            }

            var value = values[i];
            var time = StateEntries.ReadTime(ref value);
            foreach (var column in row)
                column.Reset(1);
            var position = 0;
            RowCodec.Read(value, ref position, row, 0);
            table.RestoreRow(key, row, time);
        }

        table.Settle();
    }

    private Column[] Row() => _row ??= table.Values.Select(static column => Column.Create(column.Type)).ToArray();

    private void AppendValue(Column[] columns, int row, long time, SliceList values)
    {
        _value.Clear();
        var head = _value.Append(9);
        head[0] = StateEntries.FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], time);
        RowCodec.Write(_value, columns, row);
        values.Append(_value.Written);
    }
}
