using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Sessions.Notifications;

/// <summary>pg_notify, and what stands behind pg_listening_channels, for one session.</summary>
internal static class NotificationFunctions
{
    /// <summary>The name of the function that gives all channels as one array: pg_listening_channels() is its elements.</summary>
    public const string ChannelArray = "PG_LISTENING_CHANNEL_ARRAY";

    /// <summary>Finds a function by upper-case name; null when it is none of these.</summary>
    public static IReadOnlyList<ScalarFunction>? Find(string name, Session session) => name switch
    {
        "PG_NOTIFY" =>
        [
            new SessionCallFunction(
                name, [SqlType.Varchar, SqlType.Varchar], SqlType.Varchar, "Sends a notification at the end of the transaction.",
                arguments =>
                {
                    session.Notify(arguments[0] as string ?? "", arguments[1] as string ?? "");
                    return "";
                }) { TakesNulls = true },
        ],
        ChannelArray =>
        [
            new SessionCallFunction(
                name, [], SqlType.ArrayOf(SqlType.Varchar), "The channels that the session listens to.",
                _ => session.ListeningChannels.ToArray<object?>()),
        ],
        _ => null,
    };
}
