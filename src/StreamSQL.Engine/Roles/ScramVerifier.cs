using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamSQL.Engine.Roles;

/// <summary>
/// What a SCRAM-SHA-256 password is checked with (RFC 5802, RFC 7677): not the password, and of no use
/// to log in. Its stored form is PostgreSQL's, <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>. Its text does not show it.
/// </summary>
public sealed class ScramVerifier
{
    /// <summary>How often a password is hashed, as in PostgreSQL.</summary>
    public const int DefaultIterations = 4096;

    /// <summary>Bytes of a salt that is made here.</summary>
    public const int SaltBytes = 16;

    /// <summary>Bytes of each key.</summary>
    public const int KeyBytes = SHA256.HashSizeInBytes;

    private const string Scheme = "SCRAM-SHA-256";
    private const int MaxIterations = 10_000_000;
    private const int MaxSaltBytes = 1024;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
    {
        Iterations = iterations;
        Salt = salt;
        StoredKey = storedKey;
        ServerKey = serverKey;
    }

    /// <summary>How often the password was hashed.</summary>
    public int Iterations { get; }

    /// <summary>What it was hashed with.</summary>
    public ReadOnlyMemory<byte> Salt { get; }

    /// <summary>The hash of the key that a client proves to have.</summary>
    public ReadOnlyMemory<byte> StoredKey { get; }

    /// <summary>The key that the server proves to have.</summary>
    public ReadOnlyMemory<byte> ServerKey { get; }

    /// <summary>The verifier of a password, with a new salt.</summary>
    public static ScramVerifier Create(string password) => Create(password, RandomNumberGenerator.GetBytes(SaltBytes), DefaultIterations);

    /// <summary>The verifier of a password.</summary>
    public static ScramVerifier Create(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(SaslPrep.Prepare(password)), salt, iterations,
            HashAlgorithmName.SHA256, KeyBytes);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
        return new(iterations, salt, storedKey, serverKey);
    }

    /// <summary>A verifier that no password fits.</summary>
    public static ScramVerifier CreateMock(byte[] salt) =>
        new(DefaultIterations, salt, RandomNumberGenerator.GetBytes(KeyBytes), RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Reads the stored form; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (text.Split('$') is not [Scheme, var costs, var keys] || costs.Split(':') is not [var count, var salt]
            || keys.Split(':') is not [var stored, var server])
            return false;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaxIterations)
            return false;
        if (Decode(salt) is not { Length: > 0 and <= MaxSaltBytes } saltBytes || Decode(stored) is not { Length: KeyBytes } storedKey
            || Decode(server) is not { Length: KeyBytes } serverKey)
        {
            return false;
        }

        verifier = new(iterations, saltBytes, storedKey, serverKey);
        return true;
    }

    /// <summary>Whether text looks like PostgreSQL's older kind of verifier.</summary>
    public static bool IsMd5(string text) =>
        text.Length == 35 && text.StartsWith("md5", StringComparison.Ordinal) && text.AsSpan(3).IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>Its stored form.</summary>
    public string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scheme}${Iterations}:{Convert.ToBase64String(Salt.Span)}${Convert.ToBase64String(StoredKey.Span)}:" +
            $"{Convert.ToBase64String(ServerKey.Span)}");

    /// <summary>Whether a password is the one that this was made of; takes the same time for all that are not.</summary>
    public bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Create(password, Salt.ToArray(), Iterations).StoredKey.Span, StoredKey.Span);

    /// <inheritdoc/>
    public override string ToString() => Scheme + "$***";

    private static byte[]? Decode(string base64)
    {
        if (!Base64.IsValid(base64.AsSpan(), out _) || base64.AsSpan().ContainsAny(" \t\r\n"))
            return null;
        return Convert.FromBase64String(base64);
    }
}
