namespace StreamSQL.Broker.Partitions;

/// <summary>
/// Waits for data in any of many partitions (a long poll), without polling. Use: watch the partitions, read them; when that was not enough,
/// wait, then read again. One waiter serves one wait after another; it belongs to one reader.
/// </summary>
public sealed class DataWaiter : IPartitionObserver, IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<Partition> _watched = [];
    private TaskCompletionSource<bool>? _waiting;
    private bool _signalled;

    /// <summary>Creates a waiter.</summary>
    /// <param name="time">Measures the waits.</param>
    public DataWaiter(TimeProvider time) => _time = time;

    /// <summary>
    /// Watches a partition from now on, until disposed: any advance of its high watermark or last stable offset ends a wait.
    /// </summary>
    public void Watch(Partition partition)
    {
        _watched.Add(partition);
        partition.AddObserver(this, 0);
    }

    /// <summary>
    /// Completes with true when a watched partition has advanced since the last wait (or since it was watched), with false when the time is
    /// up.
    /// </summary>
    public async ValueTask<bool> WaitAsync(TimeSpan maxWait, CancellationToken cancellation)
    {
        TaskCompletionSource<bool> waiting;
        lock (_gate)
        {
            if (_signalled)
            {
                _signalled = false;
                return true;
            }

            if (maxWait <= TimeSpan.Zero)
                return false;
            _waiting = waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        try
        {
            await waiting.Task.WaitAsync(maxWait, _time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_gate)
            {
                _waiting = null;
                _signalled = false;
            }
        }
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        foreach (var partition in _watched)
            partition.RemoveObserver(this, 0);
        _watched.Clear();
    }

    bool IPartitionObserver.OnAdvanced(int slot)
    {
        lock (_gate)
        {
            if (_waiting is { } waiting)
                waiting.TrySetResult(true);
            else
                _signalled = true;
        }

        return true;
    }
}
