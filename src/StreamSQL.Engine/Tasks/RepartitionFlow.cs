namespace StreamSQL.Engine.Tasks;

/// <summary>
/// How much lies unread between two stages. When it is too much, the tasks before it pause until the tasks behind it have caught up. What
/// lay there when the query was started is not counted, so after a start it may be twice as much for a while. Thread-safe.
/// </summary>
/// <param name="maxBytes">From how many bytes on it is too much.</param>
internal sealed class RepartitionFlow(long maxBytes)
{
    private readonly Lock _sync = new();
    private readonly List<Action> _paused = [];
    private long _bytes;

    /// <summary>Counts bytes that were committed to the repartition topic.</summary>
    public void Produced(long bytes)
    {
        lock (_sync)
            _bytes += bytes;
    }

    /// <summary>Counts bytes that were read from it and committed; wakes the tasks that wait for that.</summary>
    public void Consumed(long bytes)
    {
        lock (_sync)
        {
            _bytes = Math.Max(0, _bytes - bytes);
            if (_bytes >= maxBytes)
                return;
            foreach (var wake in _paused)
                wake();
            _paused.Clear();
        }
    }

    /// <summary>Whether a producer has to pause; then it is woken once there is room.</summary>
    public bool MustPause(Action wake)
    {
        lock (_sync)
        {
            if (_bytes < maxBytes)
                return false;
            if (!_paused.Contains(wake))
                _paused.Add(wake);
            return true;
        }
    }
}
