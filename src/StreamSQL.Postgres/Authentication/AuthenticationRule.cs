using System.Net;

namespace StreamSQL.Postgres.Authentication;

/// <summary>How clients that a rule fits are let in.</summary>
public enum AuthenticationMethod
{
    /// <summary>As whoever they say they are.</summary>
    Trust,

    /// <summary>With the password of their role.</summary>
    ScramSha256,

    /// <summary>Not at all.</summary>
    Reject,
}

/// <summary>Which connections a rule is about.</summary>
public enum ConnectionKind
{
    /// <summary>local: clients of this machine.</summary>
    Local,

    /// <summary>host: all.</summary>
    Host,

    /// <summary>hostssl: with TLS.</summary>
    HostSsl,

    /// <summary>hostnossl: without TLS.</summary>
    HostNoSsl,
}

/// <summary>What the rules look at.</summary>
/// <param name="Address">The client's address; null for a connection within this process.</param>
/// <param name="ServerAddress">The address that it reached.</param>
/// <param name="IsEncrypted">Whether it uses TLS.</param>
/// <param name="User">The user that it names.</param>
/// <param name="Database">The database that it names.</param>
public sealed record ClientFacts(IPAddress? Address, IPAddress? ServerAddress, bool IsEncrypted, string User, string Database)
{
    /// <summary>Whether it is on this machine.</summary>
    public bool IsLocal => Address is null || IPAddress.IsLoopback(Address);
}

/// <summary>A rule about who is let in, as a line of PostgreSQL's pg_hba.conf.</summary>
public sealed record AuthenticationRule
{
    /// <summary>Which connections.</summary>
    public required ConnectionKind Kind { get; init; }

    /// <summary>Names of databases; null is all. <see cref="SameUser"/> is the one named like the user.</summary>
    public IReadOnlyList<string>? Databases { get; init; }

    /// <summary>Names of users; null is all.</summary>
    public IReadOnlyList<string>? Users { get; init; }

    /// <summary>Networks of clients; null is all.</summary>
    public IReadOnlyList<IPNetwork>? Networks { get; init; }

    /// <summary>samehost: clients that reach the server at their own address, or at loopback.</summary>
    public bool IsSameHost { get; init; }

    /// <summary>How they are let in.</summary>
    public required AuthenticationMethod Method { get; init; }

    /// <summary>Where it stands, such as <c>hba.conf line 3</c>.</summary>
    public string Place { get; init; } = "the default rules";

    /// <summary>The word in <see cref="Databases"/> for a database named like the user; names cannot have a zero.</summary>
    public const string SameUser = "\0sameuser";

    /// <summary>Whether it lets clients of other machines in without a password.</summary>
    public bool TrustsOtherMachines => Method == AuthenticationMethod.Trust && Kind != ConnectionKind.Local && !IsSameHost
        && (Networks is null || Networks.Any(static network => !IsLoopback(network)));

    /// <summary>Whether it fits a client.</summary>
    public bool Fits(ClientFacts client) => FitsConnection(client) && FitsAddress(client) && FitsDatabase(client)
        && (Users is null || Users.Contains(client.User));

    private bool FitsConnection(ClientFacts client) => Kind switch
    {
        ConnectionKind.Local => client.IsLocal,
        ConnectionKind.HostSsl => client.IsEncrypted,
        ConnectionKind.HostNoSsl => !client.IsEncrypted,
        _ => true,
    };

    private bool FitsAddress(ClientFacts client)
    {
        if (IsSameHost)
            return client.IsLocal || client.Address!.Equals(client.ServerAddress);
        if (Networks is null)
            return true;
        var address = client.Address ?? IPAddress.Loopback;
        return Networks.Any(network => network.Contains(address));
    }

    private bool FitsDatabase(ClientFacts client) =>
        Databases is null || Databases.Contains(client.Database) || (Databases.Contains(SameUser) && client.Database == client.User);

    private static bool IsLoopback(IPNetwork network) =>
        network.PrefixLength >= (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 8 : 128)
        && IPAddress.IsLoopback(network.BaseAddress);
}
