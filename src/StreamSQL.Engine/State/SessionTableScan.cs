using StreamSQL.Data.Batches;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Walks over the committed sessions of a <see cref="SessionTable"/>. A block: the clock, how many keys the table has, the count, the
/// sessions' keys, their bounds, then the aggregates one after the other.
/// </summary>
internal sealed class SessionTableScan(SessionTable table) : StateScan
{
    private readonly int[] _nodes = new int[ChangeBatch.MaxRows];
    private readonly int[] _keys = new int[ChangeBatch.MaxRows];
    private bool _hasBegun;
    private int _next;

    /// <inheritdoc/>
    public override int Write(ByteWriter block, int maxRows)
    {
        var count = 0;
        for (; _next < table.Nodes.Limit && count < Math.Min(maxRows, _nodes.Length); _next++)
        {
            if (!table.Nodes.IsCommitted(_next))
                continue;
            _keys[count] = table.Nodes.KeyOf(_next);
            _nodes[count++] = _next;
        }

        if (count == 0 && _hasBegun)
            return 0;
        _hasBegun = true;
        block.WriteInt64(table.CommittedClock.StreamTime);
        block.WriteInt64(table.CommittedClock.FinalTime);
        block.WriteInt32(table.Index.Count);
        block.WriteInt32(count);
        table.Index.SaveKeys(_keys.AsSpan(0, count), block);
        for (var i = 0; i < count; i++)
        {
            block.WriteInt64(table.Nodes.StartOf(_nodes[i]));
            block.WriteInt64(table.Nodes.EndOf(_nodes[i]));
        }

        foreach (var state in table.Nodes.States)
            state.SaveMany(_nodes.AsSpan(0, count), block);
        return Math.Max(1, count);
    }
}
