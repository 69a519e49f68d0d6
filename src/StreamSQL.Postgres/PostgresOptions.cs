namespace StreamSQL.Postgres;

/// <summary>Limits and identity of the Postgres endpoint.</summary>
public sealed record PostgresOptions
{
    /// <summary>The most connections at once; further ones are refused with 53300.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>The longest message accepted from a client, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a client may take to finish its start-up.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most prepared statements, and the most portals and cursors, of one connection.</summary>
    public int MaxNamedObjects { get; init; } = 10_000;

    /// <summary>
    /// Whether connections from other hosts than this one are accepted although nobody authenticates (the network is private).
    /// </summary>
    public bool TrustRemoteClients { get; init; }
}
