using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using StreamSQL.Engine.Roles;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Authentication;

/// <summary>
/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677): first message in, challenge out, last message in, verdict out. No
/// I/O. A mock verifier runs through the same steps, so that a client does not learn whether a user is there.
/// </summary>
/// <param name="verifier">What the password is checked with.</param>
/// <param name="isMock">Whether nobody can succeed.</param>
/// <param name="endPoint">The connection's <c>tls-server-end-point</c>; null without TLS, or where it cannot be told.</param>
/// <param name="serverNonce">The server's part of the nonce.</param>
internal sealed class ScramExchange(ScramVerifier verifier, bool isMock, byte[]? endPoint, string serverNonce)
{
    /// <summary>The mechanism without channel binding.</summary>
    public const string Plain = "SCRAM-SHA-256";

    /// <summary>The mechanism with channel binding.</summary>
    public const string Plus = "SCRAM-SHA-256-PLUS";

    private const int NonceBytes = 18;
    private const string BindingType = "tls-server-end-point";

    private ScramClientFirst? _first;
    private string _challenge = "";
    private bool _usesBinding;

    /// <summary>The mechanisms that are offered, the best first.</summary>
    public IReadOnlyList<string> Mechanisms => endPoint is null ? [Plain] : [Plus, Plain];

    /// <summary>A nonce that cannot be guessed.</summary>
    public static string CreateNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The client's choice of a mechanism.</summary>
    /// <exception cref="FatalProtocolException">08P01: it was not offered.</exception>
    public void Choose(string mechanism)
    {
        if (!Mechanisms.Contains(mechanism))
            throw new FatalProtocolException(PostgresErrorCodes.ProtocolViolation,
                "client selected an invalid SASL authentication mechanism");
        _usesBinding = mechanism == Plus;
    }

    /// <summary>The client's first message; returns the challenge.</summary>
    /// <exception cref="FatalProtocolException">It is malformed, or somebody between has taken an offer away.</exception>
    public byte[] Begin(ReadOnlySpan<byte> message)
    {
        _first = ScramClientFirst.Read(message);
        CheckFlag(_first);
        _challenge = string.Create(
            CultureInfo.InvariantCulture,
            $"r={_first.Nonce}{serverNonce},s={Convert.ToBase64String(verifier.Salt.Span)},i={verifier.Iterations}");
        return Encoding.UTF8.GetBytes(_challenge);
    }

    /// <summary>The client's last message; returns the server's proof, or null: the password is wrong.</summary>
    /// <exception cref="FatalProtocolException">It is malformed, or belongs to another exchange or connection.</exception>
    public byte[]? Finish(ReadOnlySpan<byte> message)
    {
        var final = ScramClientFinal.Read(message);
        CheckBinding(final.Binding);
        if (!Same(Encoding.UTF8.GetBytes(final.Nonce), Encoding.UTF8.GetBytes(_first!.Nonce + serverNonce)))
            throw new FatalProtocolException(PostgresErrorCodes.ProtocolViolation, "invalid SCRAM response")
                { Detail = "Nonce does not match." };
        if (final.Proof.Length != ScramHash.Sha256.KeyBytes)
            throw ScramAttributes.Malformed("Malformed proof in client-final-message.");

        var exchanged = Encoding.UTF8.GetBytes($"{_first.Bare},{_challenge},{final.WithoutProof}");
        var clientKey = HMACSHA256.HashData(verifier.StoredKey.Span, exchanged);
        for (var i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= final.Proof[i];
        var isRight = Same(SHA256.HashData(clientKey), verifier.StoredKey.Span);
        var signature = HMACSHA256.HashData(verifier.ServerKey.Span, exchanged);
        return isRight & !isMock ? Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(signature)) : null;
    }

    private void CheckFlag(ScramClientFirst first)
    {
        switch (first.Flag)
        {
            case ChannelBindingFlag.Used when !_usesBinding:
                throw ScramAttributes.Malformed(
                    "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.");
            case ChannelBindingFlag.Used when first.BindingType != BindingType:
                throw new FatalProtocolException(PostgresErrorCodes.ProtocolViolation,
                    $"unsupported SCRAM channel-binding type \"{first.BindingType}\"");
            case ChannelBindingFlag.None or ChannelBindingFlag.NotOffered when _usesBinding:
                throw ScramAttributes.Malformed(
                    "The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.");
            case ChannelBindingFlag.NotOffered when endPoint is not null:
                throw new FatalProtocolException(PostgresErrorCodes.InvalidAuthorizationSpecification,
                    "SCRAM channel binding negotiation error")
                {
                    Detail = "The client supports SCRAM channel binding but thinks the server does not. However, this server does " +
                        "support channel binding.",
                };
        }
    }

    /// <summary>
    /// The last message repeats the header of the first, and with binding the hash of the certificate that the client has seen.
    /// </summary>
    private void CheckBinding(byte[] binding)
    {
        byte[] expected = [.. Encoding.UTF8.GetBytes(_first!.Header), .. _usesBinding ? endPoint! : []];
        if (Same(binding, expected))
            return;
        throw _usesBinding
            ? new FatalProtocolException(PostgresErrorCodes.InvalidAuthorizationSpecification, "SCRAM channel binding check failed")
            : new FatalProtocolException(PostgresErrorCodes.ProtocolViolation,
                "unexpected SCRAM channel-binding attribute in client-final-message");
    }

    private static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(one, other);
}
