using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.Sessions.Notifications;

/// <summary>A notification on its way to a client.</summary>
/// <param name="ProcessId">The session that sent it; 0 where a table tells that it has changed.</param>
/// <param name="Channel">Its channel.</param>
/// <param name="Payload">Its text, perhaps empty.</param>
public readonly record struct Notification(int ProcessId, string Channel, string Payload);

/// <summary>
/// What waits for one listening session. Bounded: when its client does not take them, further ones are counted and thrown away, and nobody
/// who notifies waits. Thread-safe.
/// </summary>
public sealed class NotificationQueue
{
    private const int MaxNotifications = 1024;
    private const int MaxChars = 1024 * 1024;

    private readonly Lock _sync = new();
    private readonly Queue<Notification> _waiting = new();
    private readonly ProgressSignal _arrived = new();
    private int _chars;
    private long _lost;

    /// <summary>Whether something waits.</summary>
    public bool HasAny
    {
        get
        {
            lock (_sync)
                return _waiting.Count > 0 || _lost > 0;
        }
    }

    /// <summary>Takes the next; false when there is none.</summary>
    public bool TryTake(out Notification notification)
    {
        lock (_sync)
        {
            if (!_waiting.TryDequeue(out notification))
                return false;
            _chars -= notification.Payload.Length;
            return true;
        }
    }

    /// <summary>How many were thrown away since the last call.</summary>
    public long TakeLost()
    {
        lock (_sync)
        {
            var lost = _lost;
            _lost = 0;
            return lost;
        }
    }

    /// <summary>Completes when something comes; at once where something waits.</summary>
    public Task WhenAnyAsync()
    {
        var next = _arrived.Next();
        return HasAny ? Task.CompletedTask : next;
    }

    /// <summary>Adds a notification.</summary>
    internal void Add(in Notification notification)
    {
        lock (_sync)
        {
            if (_waiting.Count >= MaxNotifications || _chars + notification.Payload.Length > MaxChars)
            {
                _lost++;
            }
            else
            {
                _waiting.Enqueue(notification);
                _chars += notification.Payload.Length;
            }
        }

        _arrived.Set();
    }
}
