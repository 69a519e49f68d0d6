namespace StreamSQL.UnitTests.Broker;

/// <summary>A clock that moves when told, and runs the timers that are then due, on the thread that tells it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;
    private TimeSpan _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + _elapsed + _set;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Sets the time of day forward or back, as an operator or NTP does: nothing passes by that.</summary>
    public void Set(TimeSpan by) => _set += by;

    public void Advance(TimeSpan by)
    {
        TimeSpan end = _elapsed + by;
        while (TakeDue(end) is { } due)
            due();
        _elapsed = end;
    }

    private Action? TakeDue(TimeSpan end)
    {
        lock (_gate)
        {
            ManualTimer? next = _timers.Where(t => t.DueAt <= end).MinBy(t => t.DueAt);
            if (next is null)
                return null;
            _elapsed = next.DueAt > _elapsed ? next.DueAt : _elapsed;
            if (next.Period > TimeSpan.Zero)
                next.DueAt += next.Period;
            else
                _timers.Remove(next);
            return next.Run;
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan DueAt { get; set; }

        public TimeSpan Period { get; private set; }

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                DueAt = time._elapsed + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
