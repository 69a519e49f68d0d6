using System.Text;
using System.Text.Unicode;

namespace StreamSQL.Broker.Security;

/// <summary>PLAIN (RFC 4616): one message with the user's name and password. What encrypts it, if anything does, is TLS.</summary>
internal sealed class PlainExchange(SaslOptions options) : SaslExchange
{
    /// <summary>Its name.</summary>
    public const string Mechanism = "PLAIN";

    private const int MaxMessageBytes = 4096;

    public override byte[] Next(ReadOnlySpan<byte> message)
    {
        if (User is not null || message.Length > MaxMessageBytes || !Utf8.IsValid(message))
            throw new SaslException("The PLAIN message is malformed.");
        string[] parts = Encoding.UTF8.GetString(message).Split('\0');
        if (parts is not [var other, { Length: > 0 } name, { Length: > 0 } password])
            throw new SaslException("A PLAIN message has an authorization id, which may be empty, a name and a password.");
        if (other.Length > 0 && other != name)
            throw new SaslException("A client cannot log in as one user and work as another.");
        if (!IsRight(options.FindUser(name), password))
            throw new SaslException("Authentication failed: Invalid username or password");
        User = name;
        return [];
    }

    private bool IsRight(SaslUser? user, string password)
    {
        if (user is not null)
            return user.HasPassword(password);
        ScramExchange.HashInVain(password, options.MockSecret.Value); // the time of the answer shall not say who is there
        return false;
    }
}
