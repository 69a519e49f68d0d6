using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Operators.Aggregate;

/// <summary>
/// The times that decide which windows still take rows. There is one clock, the greatest row time so far, which counts the row that is
/// being judged; or, behind a repartition, the two that the batch carries: the floor decides what is
/// late, stream time what is expired or final.
/// </summary>
internal struct WindowClock
{
    private readonly ResolvedWindow? _window;
    private readonly bool _isOwn;
    private readonly long _finalEnd;
    private long _closedEnd;
    private long _expiredStart;

    /// <summary>Begins a batch.</summary>
    /// <param name="window">The window, or null.</param>
    /// <param name="clock">The clock as the state holds it.</param>
    /// <param name="batch">The batch.</param>
    public WindowClock(ResolvedWindow? window, TableClock clock, ChangeBatch batch)
    {
        _window = window;
        _isOwn = batch.StreamTime is null;
        _finalEnd = window?.ClosedEnd(clock.FinalTime) ?? long.MinValue;
        StreamTime = Math.Max(clock.StreamTime, batch.StreamTime ?? long.MinValue);
        SetBounds(_isOwn ? StreamTime : batch.StreamTimeFloor ?? StreamTime);
    }

    /// <summary>Stream time, with the rows seen so far.</summary>
    public long StreamTime { get; private set; }

    /// <summary>The time that decides what is late.</summary>
    public long LateTime { get; private set; }

    /// <summary>Lets the clock see a row (or the greatest of several).</summary>
    public void See(long rowTime)
    {
        if (!_isOwn || rowTime <= StreamTime)
            return;
        StreamTime = rowTime;
        SetBounds(rowTime);
    }

    /// <summary>Whether a window takes no more rows.</summary>
    public readonly bool IsClosed(long start, long end) => end <= _closedEnd || end <= _finalEnd || start <= _expiredStart;

    /// <summary>
    /// The first window that still takes rows, of those that start from <paramref name="first"/> to
    /// <paramref name="last"/>; null when there is none.
    /// </summary>
    public readonly long? FirstOpen(long first, long last)
    {
        var (size, advance) = (_window!.SizeMs, _window.AdvanceMs);
        var closedStart = Math.Max(Math.Max(Math.Max(_closedEnd, _finalEnd), long.MinValue + size) - size, _expiredStart);
        if (closedStart >= last)
            return null;
        var open = closedStart < first ? first : _window.LastStart(closedStart) + advance;
        return IsClosed(open, _window.End(open)) ? null : open;
    }

    private void SetBounds(long lateTime)
    {
        LateTime = lateTime;
        _closedEnd = _window?.ClosedEnd(lateTime) ?? long.MinValue;
        _expiredStart = _window?.ExpiredStart(StreamTime) ?? long.MinValue;
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.CountLateRows))
            _closedEnd = long.MinValue;
        if (Planted.IsAwake(PlantedBug.ForgetGrace))
            _closedEnd = lateTime;
#endif
    }
}
