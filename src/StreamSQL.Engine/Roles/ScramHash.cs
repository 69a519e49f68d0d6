using System.Security.Cryptography;

namespace StreamSQL.Engine.Roles;

/// <summary>The hash of a SCRAM mechanism.</summary>
/// <param name="Scheme">The mechanism's name, with which verifiers begin.</param>
/// <param name="Algorithm">The hash.</param>
/// <param name="KeyBytes">Bytes of each key.</param>
public sealed record ScramHash(string Scheme, HashAlgorithmName Algorithm, int KeyBytes)
{
    /// <summary>SCRAM-SHA-256: what Postgres clients log in with, and Kafka clients may.</summary>
    public static ScramHash Sha256 { get; } = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    /// <summary>SCRAM-SHA-512: what Kafka clients may log in with.</summary>
    public static ScramHash Sha512 { get; } = new("SCRAM-SHA-512", HashAlgorithmName.SHA512, SHA512.HashSizeInBytes);
}
