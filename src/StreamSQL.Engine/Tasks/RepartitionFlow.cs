using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// How much lies unread between two stages. When it is too much, the tasks before it pause until the tasks behind it have caught up. What
/// lay there when the query was started is not counted, so after a start it may be twice as much for a while. Where other engines may run
/// the tasks behind it, the broker is asked each time that so much has been written, and the bound is one for each engine. Thread-safe.
/// </summary>
/// <param name="maxBytes">From how many bytes on it is too much.</param>
/// <param name="unread">Asks the broker; null where all tasks behind it run here.</param>
internal sealed class RepartitionFlow(long maxBytes, UnreadRecords? unread = null)
{
    private readonly Lock _sync = new();
    private readonly List<Action> _paused = [];
    private long _bytes;
    private long _producedBytes;
    private long _producedRecords;
    private bool _isAsking;

    /// <summary>Counts what was committed to the repartition topic.</summary>
    public void Produced(long bytes, long records)
    {
        lock (_sync)
        {
            _bytes += bytes;
            _producedBytes += bytes;
            _producedRecords += records;
        }
    }

    /// <summary>Counts bytes that were read from it and committed; wakes the tasks that wait for that.</summary>
    public void Consumed(long bytes)
    {
        if (unread is not null)
            return; // they may be another engine's
        lock (_sync)
        {
            _bytes = Math.Max(0, _bytes - bytes);
            if (_bytes < maxBytes)
                WakeAll();
        }
    }

    /// <summary>Whether a producer has to pause; then it is woken once there is room, or it is to ask again.</summary>
    public bool MustPause(Action wake)
    {
        lock (_sync)
        {
            if (_bytes < maxBytes)
                return false;
            if (!_paused.Contains(wake))
                _paused.Add(wake);
            if (unread is not null && !_isAsking)
            {
                _isAsking = true;
                _ = AskAsync(unread);
            }

            return true;
        }
    }

    private async Task AskAsync(UnreadRecords source)
    {
        long? records = null;
        try
        {
            records = await source.CountAsync();
        }
        catch (KafkaException)
        {
            // Not known: the tasks ask again, and their commits tell when the broker stays away.
        }

        var isFull = true;
        lock (_sync)
        {
            if (records is { } count)
                _bytes = count * (_producedBytes / Math.Max(1, _producedRecords));
            isFull = _bytes >= maxBytes;
        }

        if (isFull)
            await source.PauseAsync();
        lock (_sync)
        {
            _isAsking = false;
            WakeAll();
        }
    }

    private void WakeAll()
    {
        foreach (var wake in _paused)
            wake();
        _paused.Clear();
    }
}
