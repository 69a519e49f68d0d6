using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamSQL.Engine.Roles;

/// <summary>
/// What a SCRAM password is checked with (RFC 5802, RFC 7677): not the password, and of no use to log in. Its stored form is PostgreSQL's,
/// <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>. Its text does not show it.
/// </summary>
public sealed class ScramVerifier
{
    /// <summary>How often a password is hashed, as in PostgreSQL.</summary>
    public const int DefaultIterations = 4096;

    /// <summary>Bytes of a salt that is made here.</summary>
    public const int SaltBytes = 16;

    private const int MaxIterations = 10_000_000;
    private const int MaxSaltBytes = 1024;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>A verifier that was made elsewhere.</summary>
    public ScramVerifier(
        ScramHash hash, int iterations, ReadOnlyMemory<byte> salt, ReadOnlyMemory<byte> storedKey, ReadOnlyMemory<byte> serverKey)
    {
        Hash = hash;
        Iterations = iterations;
        Salt = salt;
        StoredKey = storedKey;
        ServerKey = serverKey;
    }

    /// <summary>The mechanism's hash.</summary>
    public ScramHash Hash { get; }

    /// <summary>How often the password was hashed.</summary>
    public int Iterations { get; }

    /// <summary>What it was hashed with.</summary>
    public ReadOnlyMemory<byte> Salt { get; }

    /// <summary>The hash of the key that a client proves to have.</summary>
    public ReadOnlyMemory<byte> StoredKey { get; }

    /// <summary>The key that the server proves to have.</summary>
    public ReadOnlyMemory<byte> ServerKey { get; }

    /// <summary>The verifier of a password for SCRAM-SHA-256, with a new salt.</summary>
    public static ScramVerifier Create(string password) => Create(password, ScramHash.Sha256);

    /// <summary>The verifier of a password, with a new salt.</summary>
    public static ScramVerifier Create(string password, ScramHash hash) =>
        Create(password, hash, RandomNumberGenerator.GetBytes(SaltBytes), DefaultIterations);

    /// <summary>The verifier of a password for SCRAM-SHA-256.</summary>
    public static ScramVerifier Create(string password, byte[] salt, int iterations) =>
        Create(password, ScramHash.Sha256, salt, iterations);

    /// <summary>The verifier of a password.</summary>
    public static ScramVerifier Create(string password, ScramHash hash, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(SaslPrep.Prepare(password)), salt, iterations,
            hash.Algorithm, hash.KeyBytes);
        var clientKey = CryptographicOperations.HmacData(hash.Algorithm, salted, "Client Key"u8);
        var serverKey = CryptographicOperations.HmacData(hash.Algorithm, salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
        return new(hash, iterations, salt, CryptographicOperations.HashData(hash.Algorithm, clientKey), serverKey);
    }

    /// <summary>A verifier for SCRAM-SHA-256 that no password fits.</summary>
    public static ScramVerifier CreateMock(byte[] salt) => new(
        ScramHash.Sha256, DefaultIterations, salt, RandomNumberGenerator.GetBytes(ScramHash.Sha256.KeyBytes),
        RandomNumberGenerator.GetBytes(ScramHash.Sha256.KeyBytes));

    /// <summary>Reads the stored form for SCRAM-SHA-256; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ScramVerifier? verifier) =>
        TryParse(text, ScramHash.Sha256, out verifier);

    /// <summary>Reads the stored form; false when it is none, or one of another mechanism.</summary>
    public static bool TryParse(string text, ScramHash hash, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (text.Split('$') is not [var scheme, var costs, var keys] || scheme != hash.Scheme
            || costs.Split(':') is not [var count, var salt] || keys.Split(':') is not [var stored, var server])
            return false;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaxIterations)
            return false;
        if (Decode(salt) is not { Length: > 0 and <= MaxSaltBytes } saltBytes || Decode(stored) is not { } storedKey
            || Decode(server) is not { } serverKey || storedKey.Length != hash.KeyBytes || serverKey.Length != hash.KeyBytes)
        {
            return false;
        }

        verifier = new(hash, iterations, saltBytes, storedKey, serverKey);
        return true;
    }

    /// <summary>Whether text looks like PostgreSQL's older kind of verifier.</summary>
    public static bool IsMd5(string text) =>
        text.Length == 35 && text.StartsWith("md5", StringComparison.Ordinal) && text.AsSpan(3).IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>Its stored form.</summary>
    public string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Hash.Scheme}${Iterations}:{Convert.ToBase64String(Salt.Span)}${Convert.ToBase64String(StoredKey.Span)}:" +
            $"{Convert.ToBase64String(ServerKey.Span)}");

    /// <summary>Whether a password is the one that this was made of; takes the same time for all that are not.</summary>
    public bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Create(password, Hash, Salt.ToArray(), Iterations).StoredKey.Span, StoredKey.Span);

    /// <inheritdoc/>
    public override string ToString() => Hash.Scheme + "$***";

    private static byte[]? Decode(string base64)
    {
        if (!Base64.IsValid(base64.AsSpan(), out _) || base64.AsSpan().ContainsAny(" \t\r\n"))
            return null;
        return Convert.FromBase64String(base64);
    }
}
