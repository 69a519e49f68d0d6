using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Roles;
using StreamSQL.Postgres.Connections;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Postgres.Authentication;

/// <summary>
/// Lets a client in or not: finds the rule for it, and runs the exchange that the rule asks for. What is told to a client does not say
/// whether the user is there; the log does.
/// </summary>
/// <param name="rules">Who is let in, and how.</param>
/// <param name="roles">The roles as they are now.</param>
/// <param name="mockSecret">Makes the salts of users that are not there: the same for the same name.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where reasons go.</param>
internal sealed class Authenticator(
    AuthenticationRules rules, Func<IReadOnlyDictionary<string, RoleDefinition>> roles, Lazy<byte[]> mockSecret, TimeProvider time,
    ILogger logger)
{
    /// <summary>Longest message of a client that has not been let in.</summary>
    private const int MaxMessageBytes = 2 * ScramAttributes.MaxMessageBytes;

    /// <summary>
    /// Lets the client in; AuthenticationOk is written, and what is refused after that is no secret any
    /// more. The role, or null for a guest.
    /// </summary>
    /// <exception cref="FatalProtocolException">28P01, 28000: it is not let in; 08P01: what it sent makes no sense.</exception>
    public async ValueTask<RoleDefinition?> AuthenticateAsync(ClientChannel channel, ClientFacts client, CancellationToken cancellation)
    {
        var rule = rules.Find(client);
        switch (rule?.Method)
        {
            case AuthenticationMethod.Trust:
                break;
            case AuthenticationMethod.ScramSha256:
                await CheckPasswordAsync(channel, client, cancellation);
                break;
            default:
                throw Refused(client, rule);
        }

        channel.Writer.AuthenticationOk();
        return RequireRole(client.User);
    }

    private async ValueTask CheckPasswordAsync(ClientChannel channel, ClientFacts client, CancellationToken cancellation)
    {
        var (verifier, isMock) = VerifierOf(client.User);
        var exchange = new ScramExchange(verifier, isMock, channel.EndPointHash, ScramExchange.CreateNonce());
        channel.Writer.AuthenticationSasl(exchange.Mechanisms);
        channel.Reader.MaxMessageBytes = MaxMessageBytes;
        try
        {
            var initial = SaslInitialResponse.Read((await ReadAsync(channel, cancellation)).Span);
            exchange.Choose(initial.Mechanism);
            if (initial.Message is not { } first)
            {
                channel.Writer.AuthenticationSaslContinue([]);
                first = (await ReadAsync(channel, cancellation)).ToArray();
            }

            channel.Writer.AuthenticationSaslContinue(exchange.Begin(first));
            var proof = exchange.Finish((await ReadAsync(channel, cancellation)).Span);
            if (proof is null)
                throw new FatalProtocolException(PostgresErrorCodes.InvalidPassword,
                    $"password authentication failed for user \"{client.User}\"");
            channel.Writer.AuthenticationSaslFinal(proof);
        }
        catch (SqlException error)
        {
            throw new FatalProtocolException(error.SqlState, error.Message);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(ClientChannel channel, CancellationToken cancellation)
    {
        await channel.Writer.FlushAsync(cancellation);
        var message = await channel.Reader.ReadAsync(cancellation);
        if (message.Type is FrontendMessageType.EndOfInput or FrontendMessageType.Terminate)
            throw new ClientGoneException();
        if (message.Type != FrontendMessageType.Password)
            FatalProtocolException.ThrowViolation($"expected SASL response, got message type {(int)message.Type}");
        return message.Body;
    }

    /// <summary>What the user's password is checked with; a mock where it has none that counts.</summary>
    private (ScramVerifier Verifier, bool IsMock) VerifierOf(string user)
    {
        var role = roles().GetValueOrDefault(user);
        var reason = role is null ? "there is no such role"
            : role.Verifier is null ? "the role has no password"
            : role.ValidUntil <= time.GetUtcNow() ? "the password has expired"
            : null;
        if (reason is null && ScramVerifier.TryParse(role!.Verifier!, out var verifier))
            return (verifier, false);
        PostgresLog.NoPassword(logger, user, reason ?? "its verifier cannot be read");
        var salt = HMACSHA256.HashData(mockSecret.Value, Encoding.UTF8.GetBytes(user));
        return (ScramVerifier.CreateMock(salt[..ScramVerifier.SaltBytes]), true);
    }

    /// <summary>
    /// The role that the client comes as. While no superuser can log in, nobody is in charge yet, and whoever is trusted comes as a guest
    /// who may do everything; from then on the user has to be a role.
    /// </summary>
    private RoleDefinition? RequireRole(string user)
    {
        var all = roles();
        if (all.TryGetValue(user, out var role))
        {
            return role.CanLogin
                ? role
                : throw new FatalProtocolException(PostgresErrorCodes.InvalidAuthorizationSpecification,
                    $"role \"{user}\" is not permitted to log in");
        }

        if (all.Values.Any(static other => other is { IsSuperuser: true, CanLogin: true }))
        {
            throw new FatalProtocolException(
                PostgresErrorCodes.InvalidAuthorizationSpecification, $"role \"{user}\" does not exist",
                "A superuser makes it with CREATE USER.");
        }

        return null;
    }

    private static FatalProtocolException Refused(ClientFacts client, AuthenticationRule? rule)
    {
        var who = $"host \"{client.Address}\", user \"{client.User}\", database \"{client.Database}\", " +
            $"{(client.IsEncrypted ? "SSL encryption" : "no encryption")}";
        return new(
            PostgresErrorCodes.InvalidAuthorizationSpecification,
            rule is null ? $"no authentication rule for {who}" : $"an authentication rule rejects connections for {who}",
            rule is null ? "The server's file of rules (--postgres-hba) lets clients in." : null);
    }
}
