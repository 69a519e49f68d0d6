using System.Globalization;
using System.Security.Cryptography;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Encryption;

namespace StreamSQL.Server.Options;

/// <summary>Reads how Postgres clients are let in, with the files that are named.</summary>
/// <param name="find">The value of an option.</param>
/// <param name="findSecret">The value of an option that the command line does not have, since others of the machine see it.</param>
internal sealed class PostgresSecurityReader(Func<string, string?> find, Func<string, string?> findSecret)
{
    private const int MaxTimeoutSeconds = 3600;

    /// <summary>The options.</summary>
    /// <exception cref="OptionException">A value or a file cannot be used.</exception>
    public PostgresSecurity Read()
    {
        var defaults = new PostgresSecurity();
        var security = new PostgresSecurity
        {
            Tls = find("postgres-tls") is { } tls ? ParseTls(tls) : defaults.Tls,
            Certificate = ReadCertificate(),
            Rules = find("postgres-hba") is { } path ? ReadRules(path) : null,
            Superuser = findSecret("postgres-user") ?? defaults.Superuser,
            Password = findSecret("postgres-password"),
            MaxConnections = ReadCount("postgres-max-connections", int.MaxValue) ?? defaults.MaxConnections,
            MaxConnectionsPerAddress = ReadCount("postgres-max-connections-per-address", int.MaxValue),
            AuthenticationTimeout = ReadCount("postgres-authentication-timeout", MaxTimeoutSeconds) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : defaults.AuthenticationTimeout,
        };
        if (security.Password is "" || security.Superuser is "")
            throw new OptionException(
                "STREAMSQL_POSTGRES_PASSWORD and STREAMSQL_POSTGRES_USER: expected a password and a name, not an empty text.");
        return security;
    }

    private static PostgresTls ParseTls(string text) => text.ToUpperInvariant() switch
    {
        "OFF" => PostgresTls.Off,
        "ON" => PostgresTls.On,
        "REQUIRED" => PostgresTls.Required,
        _ => throw new OptionException($"--postgres-tls {text}: expected off, on or required."),
    };

    private static AuthenticationRules ReadRules(string path)
    {
        try
        {
            return AuthenticationRulesReader.Read(ReadFile("postgres-hba", path), path);
        }
        catch (AuthenticationRulesException error)
        {
            throw new OptionException($"--postgres-hba: {error.Message}");
        }
    }

    private ServerCertificate? ReadCertificate()
    {
        var (certificate, key) = (find("postgres-certificate"), find("postgres-key"));
        if (certificate is null && key is null)
            return null;
        if (certificate is null || key is null)
            throw new OptionException(
                "--postgres-certificate and --postgres-key: expected both, or neither for a certificate that is made here.");
        try
        {
            return ServerCertificate.FromPem(ReadFile("postgres-certificate", certificate), ReadFile("postgres-key", key));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new OptionException(
                $"--postgres-certificate {certificate} and --postgres-key {key}: expected a certificate and its key as PEM: " +
                    $"{error.Message}");
        }
    }

    private int? ReadCount(string option, int most) => find(option) is not { } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= most
            ? count
            : throw new OptionException($"--{option} {text}: expected a whole number from 1 to {most}.");

    private static string ReadFile(string option, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"--{option} {path} cannot be read: {error.Message}");
        }
    }
}
