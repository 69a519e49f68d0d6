using StreamSQL.Engine.Sessions.Notifications;

namespace StreamSQL.Postgres.Protocol;

/// <summary>NotificationResponse: what a session that listens is told between its transactions.</summary>
internal sealed partial class BackendMessageWriter
{
    /// <summary>NotificationResponse.</summary>
    public void Notification(in Notification notification)
    {
        var start = Begin(BackendMessageType.NotificationResponse);
        _buffer.WriteInt32(notification.ProcessId);
        _buffer.WriteString(notification.Channel);
        _buffer.WriteString(notification.Payload);
        End(start);
    }
}
