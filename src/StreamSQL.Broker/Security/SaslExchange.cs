namespace StreamSQL.Broker.Security;

/// <summary>The server's side of one SASL exchange. No I/O.</summary>
internal abstract class SaslExchange
{
    /// <summary>Who has logged in; null until then.</summary>
    public string? User { get; protected set; }

    /// <summary>Takes the client's next message; returns what the server says to it.</summary>
    /// <exception cref="SaslException">The login is refused.</exception>
    public abstract byte[] Next(ReadOnlySpan<byte> message);
}
