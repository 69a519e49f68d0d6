using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace StreamSQL.Broker.Security;

/// <summary>
/// SCRAM-SHA-256 (RFC 5802, RFC 7677) and SCRAM-SHA-512 without channel binding, as Kafka's clients speak it: first message in, challenge
/// out, proof in, the server's proof out. Who is not there goes through the same steps, and learns no more than who has the wrong password.
/// </summary>
internal sealed class ScramExchange(ScramMechanism mechanism, SaslOptions options, string serverNonce) : SaslExchange
{
    private const int MaxMessageBytes = 4096;
    private const int NonceBytes = 18;
    private const int MockIterations = 4096;
    private const int MockSaltBytes = 16;

    private readonly HashAlgorithmName _hash = ScramMechanisms.HashOf(mechanism);
    private string? _name;
    private string _header = "";
    private string _clientNonce = "";
    private string _exchanged = ""; // the first messages of both, which the proofs are over
    private ScramCredential? _credential;
    private bool _isKnown;

    /// <summary>A nonce that cannot be guessed.</summary>
    public static string CreateNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>Takes as long as checking a password does.</summary>
    public static void HashInVain(string password, byte[] salt) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, MockIterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    public override byte[] Next(ReadOnlySpan<byte> message)
    {
        if (message.Length > MaxMessageBytes || !Utf8.IsValid(message))
            throw Malformed();
        string text = Encoding.UTF8.GetString(message);
        return _name is null ? Challenge(text) : Finish(text);
    }

    private byte[] Challenge(string text)
    {
        // n,[a=AUTHZID],n=NAME,r=NONCE[,EXTENSIONS]; y: the client knows of channel binding, and that this server has none.
        string[] parts = text.Split(',');
        if (parts is not ["n" or "y", var authorization, ['n', '=', .. { Length: > 0 } name], ['r', '=', .. { Length: > 0 } nonce], ..])
            throw Malformed();
        _name = Unescape(name);
        if (authorization.Length > 0 && authorization != "a=" + name)
            throw new SaslException("A client cannot log in as one user and work as another.");
        _credential = options.FindUser(_name)?.Scram(mechanism);
        _isKnown = _credential is not null;
        _credential ??= Mock(_name);
        _header = $"{parts[0]},{authorization},";
        _clientNonce = nonce;
        string challenge = string.Create(
            CultureInfo.InvariantCulture,
            $"r={nonce}{serverNonce},s={Convert.ToBase64String(_credential.Salt.Span)},i={_credential.Iterations}");
        _exchanged = $"{text[_header.Length..]},{challenge}";
        return Encoding.UTF8.GetBytes(challenge);
    }

    private byte[] Finish(string text)
    {
        // c=HEADER,r=NONCE[,EXTENSIONS],p=PROOF
        int at = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (User is not null || at < 0)
            throw Malformed();
        string[] parts = text[..at].Split(',');
        if (parts is not [['c', '=', .. var binding], ['r', '=', .. var nonce], ..]
            || !Decode(binding).SequenceEqual(Encoding.UTF8.GetBytes(_header)))
            throw Malformed();

        // librdkafka 2.0 has its own nonce twice here. What matters is that the proof is over our nonce, so that nothing old fits.
        if (!nonce.StartsWith(_clientNonce, StringComparison.Ordinal) || !nonce.EndsWith(serverNonce, StringComparison.Ordinal))
            throw new SaslException($"The nonce of the last {Name} message is another one.");
        ReadOnlySpan<byte> storedKey = _credential!.StoredKey.Span;
        byte[] proof = Decode(text[(at + 3)..]);
        if (proof.Length != storedKey.Length)
            throw Malformed();
        byte[] exchanged = Encoding.UTF8.GetBytes($"{_exchanged},{text[..at]}");
        byte[] clientKey = CryptographicOperations.HmacData(_hash, storedKey, exchanged);
        for (int i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        bool isRight = CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(_hash, clientKey), storedKey);
        if (!(isRight & _isKnown))
            throw new SaslException($"Authentication failed: invalid credentials with SASL mechanism {Name}");
        User = _name;
        byte[] signature = CryptographicOperations.HmacData(_hash, _credential.ServerKey.Span, exchanged);
        return Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(signature));
    }

    private ScramCredential Mock(string name)
    {
        byte[] salt = HMACSHA256.HashData(options.MockSecret.Value, Encoding.UTF8.GetBytes(name));
        int keyBytes = ScramMechanisms.KeyBytesOf(mechanism);
        return new(
            salt.AsMemory(0, MockSaltBytes), MockIterations, RandomNumberGenerator.GetBytes(keyBytes),
            RandomNumberGenerator.GetBytes(keyBytes));
    }

    private string Unescape(string name)
    {
        if (name.Replace("=2C", "", StringComparison.Ordinal).Replace("=3D", "", StringComparison.Ordinal).Contains('='))
            throw Malformed();
        return name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
    }

    private byte[] Decode(string base64) =>
        Base64.IsValid(base64.AsSpan(), out _) ? Convert.FromBase64String(base64) : throw Malformed();

    private string Name => ScramMechanisms.NameOf(mechanism);

    private SaslException Malformed() => new($"The {Name} message is malformed.");
}
