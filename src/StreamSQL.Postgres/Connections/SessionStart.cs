using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Connections;

/// <summary>The start of a connection: encryption is refused, a cancel request is passed on, a session is opened and told to the client.</summary>
internal sealed class SessionStart(FrontendMessageReader reader, BackendMessageWriter writer, ConnectionRegistry registry)
{
    /// <summary>Reads packets up to the start of a session; null when the connection was for something else.</summary>
    /// <exception cref="FatalProtocolException">A packet makes no sense.</exception>
    public async ValueTask<StartupMessage?> ReadAsync(CancellationToken cancellation)
    {
        var askedForSsl = false;
        var askedForGss = false;
        while (true)
        {
            var body = await reader.ReadStartupAsync(cancellation);
            if (body.IsEmpty)
                return null;
            switch (StartupPacket.Read(body.Span))
            {
                case StartupMessage message:
                    reader.Release();
                    return message;
                case CancelRequest request:
                    await registry.CancelAsync(request);
                    return null;
                case EncryptionRequest { IsGss: var isGss }:
                    if (isGss ? askedForGss : askedForSsl)
                        FatalProtocolException.ThrowViolation("encryption was asked for twice");
                    askedForGss |= isGss;
                    askedForSsl |= !isGss;
                    writer.EncryptionRefused();
                    await writer.FlushAsync(cancellation);
                    break;
            }
        }
    }

    /// <summary>The user that a client names.</summary>
    /// <exception cref="FatalProtocolException">28000: none.</exception>
    public static string UserOf(StartupMessage message) => message.Find("user") is { Length: > 0 } user
        ? user
        : throw new FatalProtocolException(PostgresErrorCodes.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");

    /// <summary>Gives the session its settings.</summary>
    /// <exception cref="FatalProtocolException">A setting is unknown or cannot have that value, or the client asks for replication.</exception>
    public static void Apply(StartupMessage message, SessionSettings settings)
    {
        if (message.Find("replication") is { } replication && replication is not ("false" or "off" or "no" or "0"))
            throw new FatalProtocolException(PostgresErrorCodes.FeatureNotSupported, "replication connections are not supported");
        foreach (var (name, value) in message.Settings())
        {
            try
            {
                settings.SetInitial(name, value);
            }
            catch (SqlException error)
            {
                throw new FatalProtocolException(error.SqlState, error.Message, error.Hint);
            }
        }

        settings.TakeReportedChanges();
    }

    /// <summary>Tells the client that it is in: version, settings, key. ReadyForQuery follows.</summary>
    public void Welcome(StartupMessage message, SessionSettings settings, BackendKey key)
    {
        if (message.Version > StartupPacket.NewestVersion || message.ProtocolOptions.Count > 0)
            writer.NegotiateProtocolVersion(StartupPacket.NewestVersion, message.ProtocolOptions);
        writer.AuthenticationOk();
        foreach (var (name, value) in settings.Reported)
            writer.ParameterStatus(name, value);
        writer.BackendKeyData(key);
    }
}
