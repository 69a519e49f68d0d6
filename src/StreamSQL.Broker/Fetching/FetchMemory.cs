namespace StreamSQL.Broker.Fetching;

/// <summary>
/// The bytes of records in fetch answers that are not written yet, over all connections. When they are used up, a fetch waits as if there
/// were no records, and is told to come more slowly. A first batch larger than what is left still goes out, as long as anything is left.
/// </summary>
/// <param name="limit">The bound.</param>
internal sealed class FetchMemory(long limit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private long _taken;

    /// <summary>Bytes that are taken.</summary>
    public long Taken
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    /// <summary>Takes bytes, as many as are left of those wanted; 0 when none are.</summary>
    public int Take(int wanted)
    {
        lock (_gate)
        {
            var granted = (int)Math.Clamp(limit - _taken, 0, wanted);
            _taken += granted;
            return granted;
        }
    }

    /// <summary>Takes exactly what was read in the place of what was granted, which may have been less for a first batch.</summary>
    public void Settle(int granted, int read) => Return(granted - read);

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _taken -= bytes;
            if (_taken < limit)
                (room, _room) = (_room, null);
        }

        room?.SetResult();
    }

    /// <summary>Waits until there is room; false when the time is over.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or the server stops.</exception>
    public async ValueTask<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        Task room;
        lock (_gate)
        {
            if (_taken < limit)
                return true;
            room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        try
        {
            await room.WaitAsync(longest, time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
