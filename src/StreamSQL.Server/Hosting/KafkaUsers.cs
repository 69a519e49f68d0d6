using System.Net;
using Npgsql;
using StreamSQL.Broker.Security;
using StreamSQL.Data.Errors;
using StreamSQL.Engine;
using StreamSQL.Engine.Roles;
using StreamSQL.Kafka;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Sql.Catalog;

namespace StreamSQL.Server.Hosting;

/// <summary>
/// The roles of the catalog as the users that Kafka's admin clients list and change. Who has logged in may do what ALTER ROLE ... PASSWORD
/// lets the role do; who has not, at a listener without logins, only where the Postgres endpoint would trust the same client.
/// </summary>
internal sealed class KafkaUsers(StreamEngine engine, AuthenticationRules rules)
{
    /// <summary>What the broker's handlers see.</summary>
    public UserDirectory Directory => new(List, ChangeAsync);

    private List<UserCredential> List()
    {
        var credentials = new List<UserCredential>();
        foreach (var role in engine.Catalog.Roles.Values.OrderBy(static role => role.Name, StringComparer.Ordinal))
        {
            if (ScramVerifier.TryParse(role.Verifier ?? "", out var sha256))
                credentials.Add(new(role.Name, ScramMechanism.Sha256, sha256.Iterations));
            if (ScramVerifier.TryParse(role.Sha512Verifier ?? "", ScramHash.Sha512, out var sha512))
                credentials.Add(new(role.Name, ScramMechanism.Sha512, sha512.Iterations));
        }

        return credentials;
    }

    private async Task ChangeAsync(UserChange change, UserCaller caller)
    {
        if (caller.User is null && !IsTrusted(caller.Address))
        {
            throw new KafkaException(
                ErrorCode.ClusterAuthorizationFailed,
                "Passwords are changed by who has logged in: use a listener with logins, and a role that may.");
        }

        try
        {
            await engine.SetVerifiersAsync(change.User, role => With(role, change), caller.User, CancellationToken.None);
        }
        catch (SqlException e)
        {
            throw new KafkaException(CodeOf(e), e.Message, e);
        }
    }

    private bool IsTrusted(IPAddress? address) =>
        address is not null && rules.Find(new(address, address, IsEncrypted: false, User: "", Database: "")) is
            { Method: AuthenticationMethod.Trust };

    private static RoleDefinition With(RoleDefinition role, UserChange change)
    {
        foreach (var (mechanism, credential) in change.Credentials)
        {
            role = mechanism == ScramMechanism.Sha256
                ? role with { Verifier = TextOf(credential, ScramHash.Sha256) }
                : role with { Sha512Verifier = TextOf(credential, ScramHash.Sha512) };
        }

        return role;
    }

    private static string? TextOf(ScramCredential? credential, ScramHash hash) => credential is null
        ? null
        : new ScramVerifier(hash, credential.Iterations, credential.Salt, credential.StoredKey, credential.ServerKey).Format();

    private static ErrorCode CodeOf(SqlException e) => e.SqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege => ErrorCode.ClusterAuthorizationFailed,
        PostgresErrorCodes.ReservedName or PostgresErrorCodes.NameTooLong => ErrorCode.UnacceptableCredential,
        _ => ErrorCode.UnknownServerError,
    };
}
