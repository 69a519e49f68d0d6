using Microsoft.Extensions.Logging;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Network;

internal static partial class NetworkLog
{
    [LoggerMessage(1, LogLevel.Warning,
        "Closing Kafka connection {Connection} from {Client}: a request of {Length} bytes; {Limit} are allowed now")]
    public static partial void RequestTooLarge(ILogger logger, string connection, string client, int length, int limit);

    [LoggerMessage(2, LogLevel.Warning, "Closing Kafka connection {Connection} from {Client}: {Api} version {Version} is not supported")]
    public static partial void UnsupportedRequest(ILogger logger, string connection, string client, ApiKey api, short version);

    [LoggerMessage(3, LogLevel.Warning, "Closing Kafka connection {Connection} from {Client}: malformed {Api} request: {Reason}")]
    public static partial void MalformedRequest(ILogger logger, string connection, string client, ApiKey api, string reason);

    [LoggerMessage(4, LogLevel.Error, "Closing Kafka connection {Connection} from {Client}: {Api} failed")]
    public static partial void RequestFailed(ILogger logger, string connection, string client, ApiKey api, Exception exception);

    [LoggerMessage(5, LogLevel.Warning,
        "Closing a new Kafka connection at {Listener} from {Address}: {Open} are open, and more are not allowed")]
    public static partial void TooManyConnections(ILogger logger, string listener, System.Net.IPAddress address, int open);

    [LoggerMessage(6, LogLevel.Warning, "Closing Kafka connection {Connection} from {Client}: {Api} before it has logged in")]
    public static partial void NotLoggedIn(ILogger logger, string connection, string client, ApiKey api);

    [LoggerMessage(7, LogLevel.Warning, "Closing Kafka connection {Connection} from {Client}: the login is refused: {Reason}")]
    public static partial void LoginRefused(ILogger logger, string connection, string client, string reason);

    [LoggerMessage(8, LogLevel.Warning, "Closing Kafka connection {Connection} at {Listener} from {Client}: no TLS came about: {Reason}")]
    public static partial void NoTls(ILogger logger, string connection, string listener, string client, string reason);
}
