using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Encryption;

namespace StreamSQL.Server.Options;

/// <summary>Whether Postgres clients may, or must, encrypt.</summary>
public enum PostgresTls
{
    /// <summary>TLS is not offered.</summary>
    Off,

    /// <summary>TLS is offered.</summary>
    On,

    /// <summary>Connections without TLS are refused.</summary>
    Required,
}

/// <summary>How Postgres clients are let in. No record: its text shall not show the password.</summary>
public sealed class PostgresSecurity
{
    /// <summary>Whether clients encrypt.</summary>
    public PostgresTls Tls { get; init; }

    /// <summary>What TLS is offered with; null: a certificate that is made once and kept in the data directory.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Who is let in, and how; null for the default.</summary>
    public AuthenticationRules? Rules { get; init; }

    /// <summary>The first superuser's name.</summary>
    public string Superuser { get; init; } = "postgres";

    /// <summary>The first superuser's password, or its verifier; null: none is made.</summary>
    public string? Password { get; init; }

    /// <summary>The most connections at once.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>The most connections at once from one address; null for no limit.</summary>
    public int? MaxConnectionsPerAddress { get; init; }

    /// <summary>How long a client may take until it is let in.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether nothing is said about it.</summary>
    public bool IsUnset => Tls == PostgresTls.Off && Rules is null && Password is null;

    /// <summary>Whether clients of other machines need a password, and can encrypt.</summary>
    public bool GuardsOtherMachines => Tls != PostgresTls.Off && (Rules ?? AuthenticationRules.Default).TrustingOtherMachines is null;
}
