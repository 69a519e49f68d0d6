namespace StreamSQL.Engine.State;

/// <summary>
/// Cuts time wherever a hopping window starts or ends: a window is a run of whole slices, at most two for each start. A row changes one
/// slice, and a window is the merge of its slices.
/// </summary>
internal sealed class WindowSlices(ResolvedWindow window)
{
    private readonly long _endOffset = window.SizeMs % window.AdvanceMs;

    /// <summary>Start of the slice that holds an instant.</summary>
    public long StartOf(long time)
    {
        var start = window.LastStart(time);
        return time - start >= _endOffset ? start + _endOffset : start;
    }

    /// <summary>End of the slice that begins at <paramref name="start"/>.</summary>
    public long EndOf(long start)
    {
        var begin = window.LastStart(start);
        var offset = start - begin < _endOffset ? _endOffset : window.AdvanceMs;
        return begin > long.MaxValue - offset ? long.MaxValue : begin + offset;
    }

    /// <summary>Start of the first window that holds a slice.</summary>
    public long FirstWindow(long start) => window.FirstStart(start);

    /// <summary>Start of the last window that holds a slice.</summary>
    public long LastWindow(long start) => window.LastStart(start);

    /// <summary>Whether a table of groups has the rows that came when all windows of their slice were open.</summary>
    public bool IsWhole(GroupTable part) => part.FirstWindow == FirstWindow(part.Start);

    /// <summary>The least window at or after an instant that has rows; null when there is none, or the instant is before 1970.</summary>
    public long? NextWindow(AggregateTable table, long from)
    {
        var parts = table.Windows;
        var aligned = window.LastStart(from);
        if (from < 0 || (aligned < from && aligned > long.MaxValue - window.AdvanceMs))
            return null;
        if (aligned < from)
            aligned += window.AdvanceMs;

        long? next = null;
        for (var i = table.FirstWindowFrom(aligned); i < parts.Count && !(FirstWindow(parts[i].Start) >= next); i++)
            next = Math.Min(next ?? long.MaxValue, Math.Max(aligned, parts[i].FirstWindow));
        return next;
    }

    /// <summary>The positions of the tables of a window's slices; of these, only those count whose first window is not after it.</summary>
    public (int From, int To) PartsOf(AggregateTable table, long start)
    {
        var end = window.End(start);
        return (table.FirstWindowFrom(start), end == long.MaxValue ? table.Windows.Count : table.FirstWindowFrom(end));
    }
}
