using System.Net;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Encryption;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Connections;

/// <summary>
/// The start of a connection: TLS begins or is refused, a cancel request is passed on, a session is opened and told to the client.
/// </summary>
internal sealed class SessionStart(ClientChannel channel, ConnectionRegistry registry, PostgresOptions options, IPAddress? client)
{
    /// <summary>The first byte of a TLS handshake: no start-up packet is so long that its length begins with it.</summary>
    private const int TlsHandshake = 0x16;

    /// <summary>Reads packets up to the start of a session; null when the connection was for something else.</summary>
    /// <exception cref="FatalProtocolException">A packet makes no sense.</exception>
    public async ValueTask<StartupMessage?> ReadAsync(CancellationToken cancellation)
    {
        var askedForTls = false;
        var askedForGss = false;
        if (options.Certificate is { } direct && await channel.Reader.PeekAsync(cancellation) == TlsHandshake)
        {
            await channel.SecureAsync(direct, isDirect: true, cancellation);
            askedForTls = true;
        }

        while (true)
        {
            var body = await channel.Reader.ReadStartupAsync(cancellation);
            if (body.IsEmpty)
                return null;
            switch (StartupPacket.Read(body.Span))
            {
                case StartupMessage message:
                    channel.Reader.Release();
                    return message;
                case CancelRequest request:
                    await registry.CancelAsync(request, client);
                    return null;
                case EncryptionRequest { IsGss: var isGss }:
                    if (isGss ? askedForGss : askedForTls)
                        FatalProtocolException.ThrowViolation("encryption was asked for twice");
                    askedForGss |= isGss;
                    askedForTls |= !isGss;
                    if (!isGss && options.Certificate is { } certificate)
                        await SecureAsync(certificate, cancellation);
                    else
                        await RefuseAsync(cancellation);
                    break;
            }
        }
    }

    /// <summary>The user that a client names.</summary>
    /// <exception cref="FatalProtocolException">28000: none.</exception>
    public static string UserOf(StartupMessage message) => message.Find("user") is { Length: > 0 } user
        ? user
        : throw new FatalProtocolException(PostgresErrorCodes.InvalidAuthorizationSpecification,
            "no PostgreSQL user name specified in startup packet");

    /// <summary>Tells the client which version is spoken, where it is not what it asked for.</summary>
    public void Negotiate(StartupMessage message)
    {
        if (message.Version > StartupPacket.NewestVersion || message.ProtocolOptions.Count > 0)
            channel.Writer.NegotiateProtocolVersion(StartupPacket.NewestVersion, message.ProtocolOptions);
    }

    /// <summary>Gives the session its settings.</summary>
    /// <exception cref="FatalProtocolException">A setting is unknown or cannot have that value, or the
    /// client asks for replication.</exception>
    public static void Apply(StartupMessage message, Session session)
    {
        if (message.Find("replication") is { } replication && replication.ToUpperInvariant() is not ("FALSE" or "OFF" or "NO" or "0"))
            throw new FatalProtocolException(PostgresErrorCodes.FeatureNotSupported, "replication connections are not supported");
        foreach (var (name, value) in message.Settings())
        {
            try
            {
                if (name.Equals(SessionIdentity.Role, StringComparison.OrdinalIgnoreCase))
                    session.Identity.SetRole(value);
                else
                    session.Settings.SetInitial(name, value);
            }
            catch (SqlException error)
            {
                throw new FatalProtocolException(error.SqlState, error.Message, error.Hint);
            }
        }

        session.Settings.TakeReportedChanges();
    }

    /// <summary>Tells the client that it is in: settings, key. ReadyForQuery follows.</summary>
    public void Welcome(SessionSettings settings, BackendKey key)
    {
        foreach (var (name, value) in settings.Reported)
            channel.Writer.ParameterStatus(name, value);
        channel.Writer.BackendKeyData(key);
    }

    private async ValueTask SecureAsync(ServerCertificate certificate, CancellationToken cancellation)
    {
        // What a client sent before the handshake could be anybody's: it must not be taken for what comes through TLS (CVE-2021-23222).
        if (channel.Reader.HasMore())
        {
            throw new FatalProtocolException(PostgresErrorCodes.ProtocolViolation, "received unencrypted data after SSL request")
            {
                Detail = "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.",
            };
        }

        channel.Writer.EncryptionAccepted();
        await channel.Writer.FlushAsync(cancellation);
        await channel.SecureAsync(certificate, isDirect: false, cancellation);
    }

    private ValueTask RefuseAsync(CancellationToken cancellation)
    {
        channel.Writer.EncryptionRefused();
        return channel.Writer.FlushAsync(cancellation);
    }
}
