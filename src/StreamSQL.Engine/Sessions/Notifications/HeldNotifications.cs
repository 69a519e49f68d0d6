using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Engine.Sessions.Notifications;

/// <summary>The NOTIFYs, LISTENs and UNLISTENs of an open transaction: they take effect when it is committed. Not thread-safe.</summary>
internal sealed class HeldNotifications
{
    private const int MaxChannelBytes = 63;
    private const int MaxPayloadBytes = 7999;
    private const int MaxHeld = 10_000;

    private readonly List<HeldNotification> _held = [];
    private readonly HashSet<HeldNotification> _notified = [];

    /// <summary>How many there are.</summary>
    public int Count => _held.Count;

    /// <summary>In order.</summary>
    public IReadOnlyList<HeldNotification> All => _held;

    /// <summary>Adds one; a NOTIFY that is the same as one before is one with it.</summary>
    /// <exception cref="SqlException">22023: the channel's name or the payload is too long; 54000: too many.</exception>
    public void Add(HeldNotification notification)
    {
        if (notification.Channel is { Length: 0 })
            throw Invalid("channel name cannot be empty");
        if (notification.Channel is { } channel && Encoding.UTF8.GetByteCount(channel) > MaxChannelBytes)
            throw Invalid("channel name too long");
        if (Encoding.UTF8.GetByteCount(notification.Payload) > MaxPayloadBytes)
            throw Invalid("payload string too long");
        if (notification.Kind == NotificationKind.Notify && !_notified.Add(notification))
            return;
        if (_held.Count >= MaxHeld)
            throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a transaction holds at most {MaxHeld} notifications",
                "COMMIT more often.");
        _held.Add(notification);
    }

    /// <summary>Forgets all but the first.</summary>
    public void Truncate(int count)
    {
        for (var i = count; i < _held.Count; i++)
            _notified.Remove(_held[i]);
        if (count < _held.Count)
            _held.RemoveRange(count, _held.Count - count);
    }

    private static SqlException Invalid(string message) => new(PostgresErrorCodes.InvalidParameterValue, message);
}

/// <summary>One of them. The channel is null for UNLISTEN *.</summary>
internal readonly record struct HeldNotification(NotificationKind Kind, string? Channel, string Payload);

/// <summary>What is to be done at the commit.</summary>
internal enum NotificationKind : byte
{
    /// <summary>NOTIFY.</summary>
    Notify,

    /// <summary>LISTEN.</summary>
    Listen,

    /// <summary>UNLISTEN.</summary>
    Unlisten,
}
