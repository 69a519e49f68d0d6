using StreamSQL.Data.Batches;
using StreamSQL.Engine.State.Snapshots;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State;

/// <summary>
/// Walks over the committed groups of an <see cref="AggregateTable"/>, window by window. A block: the clock, a byte that says
/// whether groups follow; then the window's start (by slices, the slice's and its first window's), how many groups it has, a number of
/// sections, and each section's count, keys, times and aggregates.
/// </summary>
internal sealed class AggregateTableScan(AggregateTable table) : StateScan
{
    private readonly int[] _slots = new int[ChangeBatch.MaxRows];
    private bool _hasBegun;
    private PartId _part = new(long.MinValue, long.MinValue);
    private int _nextSlot;

    /// <inheritdoc/>
    public override int Write(ByteWriter block, int maxRows)
    {
        block.WriteInt64(table.CommittedClock.StreamTime);
        block.WriteInt64(table.CommittedClock.FinalTime);
        for (var i = table.FirstWindowFrom(_part.Start); i < table.Windows.Count; i++)
        {
            var window = table.Windows[i];
            if (window.Id.CompareTo(_part) < 0)
                continue;
            var count = NextSlots(window, Math.Min(maxRows, _slots.Length));
            if (count == 0)
                continue;
            block.Append(1)[0] = 1;
            block.WriteInt64(window.Start);
            if (table.Slices is not null)
                block.WriteInt64(window.FirstWindow);
            block.WriteInt32(window.Index.Count);
            window.SaveCommitted(_slots.AsSpan(0, count), block);
            _hasBegun = true;
            return count;
        }

        // Even an empty table has a clock.
        block.Append(1)[0] = 0;
        var isFirst = !_hasBegun;
        _hasBegun = true;
        return isFirst ? 1 : 0;
    }

    /// <summary>
    /// Goes on where it stopped in this window, or begins it: windows come and go between two blocks, and are told by what they are of.
    /// </summary>
    private int NextSlots(GroupTable window, int maxRows)
    {
        if (window.Id != _part)
        {
            _part = window.Id;
            _nextSlot = 0;
        }

        var count = 0;
        for (; _nextSlot < window.Index.SlotLimit && count < maxRows; _nextSlot++)
        {
            if (window.IsCommitted(_nextSlot))
                _slots[count++] = _nextSlot;
        }

        return count;
    }
}
