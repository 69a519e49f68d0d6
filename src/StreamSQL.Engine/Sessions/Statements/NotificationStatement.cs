using StreamSQL.Engine.Sessions.Notifications;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>LISTEN, UNLISTEN, NOTIFY. A channel's name folds to lower case, as clients expect it.</summary>
internal sealed class NotificationStatement(Session session, Statement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var (tag, notification) = syntax switch
        {
            ListenStatement listen => ("LISTEN", new HeldNotification(NotificationKind.Listen, NameOf(listen.Channel), "")),
            UnlistenStatement unlisten =>
                ("UNLISTEN", new HeldNotification(NotificationKind.Unlisten, unlisten.Channel is { } one ? NameOf(one) : null, "")),
            NotifyStatement notify =>
                ("NOTIFY", new HeldNotification(NotificationKind.Notify, NameOf(notify.Channel), notify.Payload ?? "")),
            _ => throw new InvalidOperationException($"{syntax.GetType().Name} is about no channel"),
        };
        await session.NotifyAsync(notification, cancellation);
        return new CommandResult(tag);
    }

    private static string NameOf(Identifier channel) => channel.IsQuoted ? channel.Text : channel.Text.ToLowerInvariant();
}
