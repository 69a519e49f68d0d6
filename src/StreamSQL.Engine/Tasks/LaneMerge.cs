using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// Takes rows of several inputs in the order of (time, input, offset), whatever the order in which they were fetched. While an input has no
/// rows here but may have some at the broker, or its producers have some to come, the others wait, for a bounded time. An input that is
/// read to its end is not waited for: that is Kafka's rule, too.
/// </summary>
internal sealed class LaneMerge : IDisposable
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly TaskLane[] _lanes;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private ITimer? _timer;
    private long _waitsSince = -1;

    /// <summary>Creates a merge.</summary>
    /// <param name="lanes">The inputs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wake">Wakes the worker, from any thread.</param>
    public LaneMerge(TaskLane[] lanes, TimeProvider time, Action wake)
    {
        _lanes = lanes;
        _time = time;
        _wake = wake;
    }

    /// <summary>The lane that has the next row; -1 when there is none, or when it has to wait for another lane's.</summary>
    public int Next()
    {
        var next = -1;
        var mayComeEarlier = false;
        for (var i = 0; i < _lanes.Length; i++)
        {
            if (!_lanes[i].HasRows)
                mayComeEarlier |= !_lanes[i].IsAtEnd;
            else if (next < 0 || _lanes[i].NextTime < _lanes[next].NextTime)
                next = i;
        }

#if PLANTED_BUGS
        mayComeEarlier &= !Planted.IsAwake(PlantedBug.MergeWithoutWaiting);
#endif
        if (next < 0 || (mayComeEarlier && !HasWaited()))
            return -1;
        if (!mayComeEarlier)
            _waitsSince = -1;
        return next;
    }

    /// <summary>The rows of a lane that come before those of the others.</summary>
    public ChangeBatch Take(int lane)
    {
        var limit = long.MaxValue;
        var isFirst = true;
        for (var i = 0; i < _lanes.Length; i++)
        {
            if (i == lane || !_lanes[i].HasRows || _lanes[i].NextTime > limit)
                continue;
            isFirst = _lanes[i].NextTime < limit ? lane < i : isFirst && lane < i;
            limit = _lanes[i].NextTime;
        }

        return _lanes[lane].NextRows(limit, isFirst);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private bool HasWaited()
    {
        if (_waitsSince >= 0)
            return _time.GetElapsedTime(_waitsSince) >= MaxWait;
        _waitsSince = _time.GetTimestamp();
        _timer ??= _time.CreateTimer(static wake => ((Action)wake!)(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(MaxWait, Timeout.InfiniteTimeSpan);
        return false;
    }
}
