using System.Security.Cryptography;
using StreamSQL.Engine;
using StreamSQL.Postgres;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Encryption;
using StreamSQL.Server.Options;

namespace StreamSQL.Server.Hosting;

/// <summary>How Postgres clients are let in: the options, and what is made once and kept in the data directory.</summary>
internal static class PostgresAccess
{
    private const int SecretBytes = 32;
    private const int ReservedConnections = 3;

    /// <summary>Makes the first superuser when there is to be one.</summary>
    public static async Task EnsureSuperuserAsync(ServerOptions options, StreamEngine engine, CancellationToken cancellation)
    {
        if (options.PostgresSecurity is { Password: { } password, Superuser: var name })
            await engine.EnsureSuperuserAsync(name, password, cancellation);
    }

    /// <summary>What the endpoint needs.</summary>
    /// <exception cref="InvalidDataException">What is kept in the data directory is damaged.</exception>
    public static PostgresOptions Prepare(ServerOptions options, TimeProvider time)
    {
        var security = options.PostgresSecurity;
        return new()
        {
            Rules = RulesOf(options),
            Certificate = security.Tls == PostgresTls.Off ? null : CertificateOf(options, time),
            RequiresTls = security.Tls == PostgresTls.Required,
            MaxConnections = security.MaxConnections,
            ReservedConnections = Math.Min(ReservedConnections, security.MaxConnections - 1),
            MaxConnectionsPerAddress = security.MaxConnectionsPerAddress,
            AuthenticationTimeout = security.AuthenticationTimeout,
            MockSecret = SecretOf(options),
        };
    }

    /// <summary>The certificate that is given, or else the one that is made once and kept.</summary>
    /// <exception cref="InvalidDataException">What is kept in the data directory is damaged.</exception>
    public static ServerCertificate CertificateOf(ServerOptions options, TimeProvider time) =>
        options.PostgresSecurity.Certificate ?? KeptCertificate(DirectoryOf(options), time);

    /// <summary>The secret that makes the salts of users that are not there.</summary>
    /// <exception cref="InvalidDataException">What is kept in the data directory is damaged.</exception>
    public static Lazy<byte[]> SecretOf(ServerOptions options) => KeptSecret(DirectoryOf(options));

    private static string DirectoryOf(ServerOptions options) => Path.Combine(options.DataDirectory, "postgres");

    private static AuthenticationRules RulesOf(ServerOptions options) => options.PostgresSecurity.Rules
        ?? (options.InsecurePublic && options.PostgresSecurity.IsUnset ? AuthenticationRules.TrustAll : AuthenticationRules.Default);

    private static ServerCertificate KeptCertificate(string directory, TimeProvider time)
    {
        var path = Path.Combine(directory, "server.pem");
        var pem = KeptFile.Read(path, () =>
        {
            var (certificate, key) = SelfSignedCertificate.Create(Environment.MachineName, time.GetUtcNow());
            return certificate + "\n" + key + "\n";
        });
        try
        {
            return ServerCertificate.FromPem(pem, pem);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{path} holds no certificate with its key: {error.Message} Delete it, and another is made.",
                error);
        }
    }

    /// <summary>The secret that is kept, or else the way to make it.</summary>
    private static Lazy<byte[]> KeptSecret(string directory)
    {
        var path = Path.Combine(directory, "mock-secret");
        return File.Exists(path) ? new(ReadSecret(path)) : new(() => ReadSecret(path));
    }

    private static byte[] ReadSecret(string path)
    {
        var secret = new byte[SecretBytes];
        var text = KeptFile.Read(path, static () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));
        return Convert.TryFromBase64String(text, secret, out var length) && length == SecretBytes
            ? secret
            : throw new InvalidDataException($"{path} is damaged. Delete it, and another is made.");
    }
}
