using Npgsql;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Commands;

/// <summary>Gives a listening client its notifications: before ReadyForQuery, and while nothing runs. Never within a transaction.</summary>
internal sealed class NotificationSender(FrontendMessageReader reader, BackendMessageWriter writer, Session session)
{
    /// <summary>The next message; meanwhile notifications are sent as they come.</summary>
    public ValueTask<FrontendMessage> ReadAsync(CancellationToken cancellation)
    {
        var message = reader.ReadAsync(cancellation);
        return message.IsCompleted || session.ListeningChannels.Count == 0 || session.TransactionStatus != TransactionStatus.Idle
            ? message
            : ReadAndSendAsync(message.AsTask(), cancellation);
    }

    /// <summary>Writes what waits, between transactions; it goes out with the next flush.</summary>
    public void Send()
    {
        if (session.TransactionStatus != TransactionStatus.Idle || !session.Notifications.HasAny)
            return;
        while (session.Notifications.TryTake(out var notification))
            writer.Notification(notification);
        if (session.Notifications.TakeLost() is > 0 and var lost)
        {
            writer.Notices(
                [new Notice("WARNING", PostgresErrorCodes.Warning, $"{lost} notifications were lost",
                    "They came faster than this client has read them.")],
                session.Settings);
        }
    }

    private async ValueTask<FrontendMessage> ReadAndSendAsync(Task<FrontendMessage> message, CancellationToken cancellation)
    {
        while (!message.IsCompleted)
        {
            await Task.WhenAny(message, session.Notifications.WhenAnyAsync());
            if (message.IsCompleted || !session.Notifications.HasAny)
                continue;
            Send();
            await writer.FlushAsync(cancellation);
        }

        return await message;
    }
}
