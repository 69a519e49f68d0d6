namespace StreamSQL.Broker.Security;

/// <summary>Whom a SASL listener lets in, as the exchanges see it.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Scram">What a SCRAM login is checked with; null where the user has no password of that kind.</param>
/// <param name="HasPassword">Whether a password is the user's (PLAIN). May take as long as hashing one does.</param>
public sealed record SaslUser(string Name, Func<ScramMechanism, ScramCredential?> Scram, Func<string, bool> HasPassword)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What a server keeps of a SCRAM password (RFC 5802, section 3).</summary>
/// <param name="Salt">What the password was hashed with.</param>
/// <param name="Iterations">How often.</param>
/// <param name="StoredKey">The hash of the key that a client proves to have.</param>
/// <param name="ServerKey">The key that the server proves to have.</param>
public sealed record ScramCredential(
    ReadOnlyMemory<byte> Salt, int Iterations, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey);

/// <summary>How the clients of a listener log in.</summary>
/// <param name="FindUser">The user of a name, or null.</param>
/// <param name="MockSecret">
/// A secret that makes the salts of users that are not there: the same for the same name, so that nobody learns who is.
/// </param>
public sealed record SaslOptions(Func<string, SaslUser?> FindUser, Lazy<byte[]> MockSecret);
