using Microsoft.Extensions.Logging;

namespace StreamSQL.Postgres.Connections;

/// <summary>What the endpoint logs.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(1, LogLevel.Error, "A statement failed in a way that it should not")]
    public static partial void InternalError(ILogger logger, Exception error);

    [LoggerMessage(2, LogLevel.Debug, "Connection {ProcessId} of user {User} from {Client}")]
    public static partial void Connected(ILogger logger, int processId, string user, string client);

    [LoggerMessage(3, LogLevel.Debug, "Connection {ProcessId} has ended")]
    public static partial void Disconnected(ILogger logger, int processId);

    [LoggerMessage(4, LogLevel.Information, "Connection from {Client} is closed: {Reason}")]
    public static partial void Refused(ILogger logger, string client, string reason);

    [LoggerMessage(6, LogLevel.Information, "User {User} cannot log in with a password: {Reason}")]
    public static partial void NoPassword(ILogger logger, string user, string reason);

    [LoggerMessage(5, LogLevel.Error, "Connection from {Client} has failed")]
    public static partial void Failed(ILogger logger, string client, Exception error);
}
