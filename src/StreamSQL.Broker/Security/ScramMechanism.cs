using System.Security.Cryptography;

namespace StreamSQL.Broker.Security;

/// <summary>The SCRAM mechanisms, by Kafka's numbers (KIP-554).</summary>
public enum ScramMechanism : sbyte
{
    /// <summary>SCRAM-SHA-256 (RFC 7677).</summary>
    Sha256 = 1,

    /// <summary>SCRAM-SHA-512, as Kafka has it: RFC 5802 with that hash.</summary>
    Sha512 = 2,
}

/// <summary>What the mechanisms differ in.</summary>
public static class ScramMechanisms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ScramMechanism> All { get; } = [ScramMechanism.Sha256, ScramMechanism.Sha512];

    /// <summary>The mechanism's name in SASL.</summary>
    public static string NameOf(ScramMechanism mechanism) => mechanism == ScramMechanism.Sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";

    /// <summary>Its hash.</summary>
    public static HashAlgorithmName HashOf(ScramMechanism mechanism) =>
        mechanism == ScramMechanism.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512;

    /// <summary>Bytes of each key.</summary>
    public static int KeyBytesOf(ScramMechanism mechanism) =>
        mechanism == ScramMechanism.Sha256 ? SHA256.HashSizeInBytes : SHA512.HashSizeInBytes;

    /// <summary>What is kept of a password that a client has hashed already (RFC 5802, section 3).</summary>
    public static ScramCredential CredentialOf(
        ScramMechanism mechanism, ReadOnlyMemory<byte> salt, int iterations, ReadOnlySpan<byte> saltedPassword)
    {
        var hash = HashOf(mechanism);
        var clientKey = CryptographicOperations.HmacData(hash, saltedPassword, "Client Key"u8);
        return new(
            salt, iterations, CryptographicOperations.HashData(hash, clientKey),
            CryptographicOperations.HmacData(hash, saltedPassword, "Server Key"u8));
    }
}
