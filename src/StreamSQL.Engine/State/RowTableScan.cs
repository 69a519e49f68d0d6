using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Walks over the committed rows of a <see cref="RowTable"/>. A block: how many rows the table has, the
/// count, keys, times, then the values column by column.
/// </summary>
internal sealed class RowTableScan(RowTable table) : StateScan
{
    private readonly int[] _slots = new int[ChangeBatch.MaxRows];
    private readonly long[] _times = new long[ChangeBatch.MaxRows];
    private readonly Column[] _values = table.Values.Select(static column => Column.Create(column.Type)).ToArray();
    private int _next;

    /// <inheritdoc/>
    public override int Write(ByteWriter block, int maxRows)
    {
        var count = 0;
        for (; _next < table.Index.SlotLimit && count < Math.Min(maxRows, _slots.Length); _next++)
        {
            if (table.IsCommitted(_next))
                _slots[count++] = _next;
        }

        if (count == 0)
            return 0;
        var slots = _slots.AsSpan(0, count);
        foreach (var column in _values)
            column.Reset(count);
        table.ReadCommitted(slots, _values, _times);
        block.WriteInt32(table.Index.Count);
        block.WriteInt32(count);
        table.Index.SaveKeys(slots, block);
        block.WriteValues<long>(_times.AsSpan(0, count));
        foreach (var column in _values)
            ColumnBlocks.Write(column, count, block);
        return count;
    }
}
