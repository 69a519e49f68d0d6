using System.Text;
using System.Text.Unicode;
using Npgsql;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Authentication;

/// <summary>How a client stands to channel binding (the first letter of its first message).</summary>
internal enum ChannelBindingFlag
{
    /// <summary>n: it does not know it.</summary>
    None,

    /// <summary>y: it knows it, and believes that the server does not.</summary>
    NotOffered,

    /// <summary>p: it uses it.</summary>
    Used,
}

/// <summary>client-first-message of RFC 5802.</summary>
/// <param name="Flag">How it stands to channel binding.</param>
/// <param name="BindingType">The kind of binding it uses, or null.</param>
/// <param name="Header">The GS2 header, which the last message repeats.</param>
/// <param name="Bare">The rest of it.</param>
/// <param name="Nonce">Its nonce.</param>
internal sealed record ScramClientFirst(ChannelBindingFlag Flag, string? BindingType, string Header, string Bare, string Nonce)
{
    /// <summary>Reads the message. The name in it does not count: PostgreSQL's clients name the user when they connect.</summary>
    /// <exception cref="FatalProtocolException">08P01: it is malformed; 0A000: it wants what is not there.</exception>
    public static ScramClientFirst Read(ReadOnlySpan<byte> message)
    {
        var text = ScramAttributes.Decode(message);
        var fields = text.Split(',', 3);
        if (fields.Length < 3)
            throw ScramAttributes.Malformed("Comma expected.");
        var (flag, type) = fields[0] switch
        {
            "n" => (ChannelBindingFlag.None, null),
            "y" => (ChannelBindingFlag.NotOffered, null),
            ['p', '=', .. { Length: > 0 } name] => (ChannelBindingFlag.Used, name),
            _ => throw ScramAttributes.Malformed("Unexpected channel-binding flag."),
        };
        if (fields[1].Length > 0)
            throw new FatalProtocolException(PostgresErrorCodes.FeatureNotSupported,
                "client uses authorization identity, but it is not supported");
        var rest = fields[2].AsSpan();
        if (rest.StartsWith("m="))
            throw new FatalProtocolException(PostgresErrorCodes.FeatureNotSupported, "client requires an unsupported SCRAM extension");
        ScramAttributes.Take(ref rest, 'n');
        var nonce = ScramAttributes.Take(ref rest, 'r');
        if (nonce.Length == 0 || nonce.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FatalProtocolException(PostgresErrorCodes.ProtocolViolation, "non-printable characters in SCRAM nonce");
        return new(flag, type, $"{fields[0]},{fields[1]},", fields[2], nonce);
    }
}

/// <summary>client-final-message of RFC 5802.</summary>
/// <param name="Binding">The channel binding, decoded.</param>
/// <param name="Nonce">Both nonces.</param>
/// <param name="WithoutProof">What the proof is over.</param>
/// <param name="Proof">The proof.</param>
internal sealed record ScramClientFinal(byte[] Binding, string Nonce, string WithoutProof, byte[] Proof)
{
    /// <summary>Reads the message.</summary>
    /// <exception cref="FatalProtocolException">08P01: it is malformed.</exception>
    public static ScramClientFinal Read(ReadOnlySpan<byte> message)
    {
        var text = ScramAttributes.Decode(message);
        var rest = text.AsSpan();
        var binding = ScramAttributes.DecodeBase64(ScramAttributes.Take(ref rest, 'c'));
        var nonce = ScramAttributes.Take(ref rest, 'r');

        // Extensions may stand between; the proof is the last attribute, so its value has no comma.
        var at = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (at < 0)
            throw ScramAttributes.Malformed("Attribute \"p\" expected.");
        return new(binding, nonce, text[..at], ScramAttributes.DecodeBase64(text[(at + 3)..]));
    }
}

/// <summary>The parts that SCRAM messages are made of: <c>a=value,b=value</c>.</summary>
internal static class ScramAttributes
{
    /// <summary>The longest message that a client may send.</summary>
    public const int MaxMessageBytes = 1024;

    /// <summary>Bytes as text.</summary>
    /// <exception cref="FatalProtocolException">08P01: empty, too long, or not text.</exception>
    public static string Decode(ReadOnlySpan<byte> message)
    {
        if (message.Length is 0 or > MaxMessageBytes)
            throw Malformed(message.IsEmpty ? "The message is empty." : "The message is too long.");
        if (!Utf8.IsValid(message) || message.Contains((byte)0))
            throw Malformed("The message is not text.");
        return Encoding.UTF8.GetString(message);
    }

    /// <summary>Takes the next attribute, which has to be this one.</summary>
    /// <exception cref="FatalProtocolException">08P01: it is another one.</exception>
    public static string Take(ref ReadOnlySpan<char> rest, char name)
    {
        if (rest is not [var found, '=', .. var value] || found != name)
            throw Malformed($"Attribute \"{name}\" expected.");
        var comma = value.IndexOf(',');
        rest = comma < 0 ? [] : value[(comma + 1)..];
        return (comma < 0 ? value : value[..comma]).ToString();
    }

    /// <summary>Base64 as bytes.</summary>
    /// <exception cref="FatalProtocolException">08P01: it is none.</exception>
    public static byte[] DecodeBase64(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : throw Malformed("Base64 expected.");
    }

    /// <summary>The error of a malformed message.</summary>
    public static FatalProtocolException Malformed(string detail) =>
        new(PostgresErrorCodes.ProtocolViolation, "malformed SCRAM message") { Detail = detail };
}
