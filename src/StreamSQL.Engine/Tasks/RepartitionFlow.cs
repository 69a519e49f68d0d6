namespace StreamSQL.Engine.Tasks;

/// <summary>
/// How much lies unread between two stages. When it is too much, the tasks before it pause until the tasks behind it have caught up. Thread-safe.
/// </summary>
internal sealed class RepartitionFlow
{
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly Lock _sync = new();
    private readonly List<Action> _paused = [];
    private long _bytes;

    /// <summary>Counts bytes that were committed to the repartition topic.</summary>
    public void Produced(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Counts bytes that were read from it and committed; wakes the tasks that wait for that.</summary>
    public void Consumed(long bytes)
    {
        if (Interlocked.Add(ref _bytes, -bytes) >= MaxBytes)
            return;
        lock (_sync)
        {
            foreach (var wake in _paused)
                wake();
            _paused.Clear();
        }
    }

    /// <summary>Whether a producer has to pause; then it is woken once there is room.</summary>
    public bool MustPause(Action wake)
    {
        if (Volatile.Read(ref _bytes) < MaxBytes)
            return false;
        lock (_sync)
        {
            if (Volatile.Read(ref _bytes) < MaxBytes)
                return false;
            if (!_paused.Contains(wake))
                _paused.Add(wake);
            return true;
        }
    }
}
