using System.Security.Cryptography;

namespace StreamSQL.Postgres.Protocol;

/// <summary>What a CancelRequest must know to cancel a connection's statement.</summary>
/// <param name="ProcessId">Number of the connection.</param>
/// <param name="Secret">Random bytes.</param>
internal readonly record struct BackendKey(int ProcessId, ReadOnlyMemory<byte> Secret)
{
    /// <summary>Length of the secret up to protocol 3.1.</summary>
    public const int ShortSecretBytes = 4;

    /// <summary>The longest secret that protocol 3.2 allows.</summary>
    public const int MaxSecretBytes = 256;

    private const int LongSecretBytes = 32;
    private const int LongSecretsFrom = (3 << 16) | 2;

    /// <summary>A key with a secret that cannot be guessed, as long as the protocol version has it.</summary>
    public static BackendKey Create(int processId, int protocolVersion) =>
        new(processId, RandomNumberGenerator.GetBytes(protocolVersion >= LongSecretsFrom ? LongSecretBytes : ShortSecretBytes));

    /// <summary>Whether the secret is this one; takes the same time wherever they differ.</summary>
    public bool Matches(ReadOnlySpan<byte> secret) => CryptographicOperations.FixedTimeEquals(Secret.Span, secret);
}
