using System.Security.Cryptography;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Encryption;

namespace StreamSQL.Postgres;

/// <summary>Limits and identity of the Postgres endpoint.</summary>
public sealed record PostgresOptions
{
    /// <summary>The most connections at once; further ones are refused with 53300.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>How many of them are kept for superusers.</summary>
    public int ReservedConnections { get; init; } = 3;

    /// <summary>The most connections at once from one address; null for no limit.</summary>
    public int? MaxConnectionsPerAddress { get; init; }

    /// <summary>The longest message accepted from a client, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a client may take until it is let in.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most prepared statements, and the most portals and cursors, of one connection.</summary>
    public int MaxNamedObjects { get; init; } = 10_000;

    /// <summary>The most memory that the rows of one SCROLL cursor take, in bytes.</summary>
    public long MaxScrollBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Who is let in, and how.</summary>
    public AuthenticationRules Rules { get; init; } = AuthenticationRules.Default;

    /// <summary>The certificate that TLS is offered with; null: it is not offered.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Whether connections without TLS are refused.</summary>
    public bool RequiresTls { get; init; }

    /// <summary>
    /// Makes the answers about users that are not there look like others. Kept over restarts, so that they do not change where those of
    /// real users stay. Made when the first such user comes: a start need not load what makes it.
    /// </summary>
    public Lazy<byte[]> MockSecret { get; init; } = new(static () => RandomNumberGenerator.GetBytes(32));
}
