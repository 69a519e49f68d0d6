namespace StreamSQL.Broker.Security;

/// <summary>
/// How far the login of a connection is. Until it is done, a client may ask for nothing but ApiVersions, SaslHandshake and
/// SaslAuthenticate.
/// </summary>
internal sealed class SaslSession(SaslOptions options)
{
    /// <summary>The mechanisms that are offered.</summary>
    public static readonly IReadOnlyList<string> Mechanisms =
        [PlainExchange.Mechanism, .. ScramMechanisms.All.Select(ScramMechanisms.NameOf)];

    /// <summary>
    /// How long a refused login waits for its answer: guessing shall not be quick (<c>connection.failed.authentication.delay.ms</c>).
    /// </summary>
    public static readonly TimeSpan FailureDelay = TimeSpan.FromMilliseconds(100);

    private SaslExchange? _exchange;
    private bool _isBare;

    /// <summary>Who has logged in; null until then.</summary>
    public string? User { get; private set; }

    /// <summary>Whether the next frame is a SASL message without anything around it (SaslHandshake 0).</summary>
    public bool ExpectsBareMessage => _isBare && User is null;

    /// <summary>Chooses one of <see cref="Mechanisms"/>; false when that is not possible now.</summary>
    public bool TryBegin(string mechanism, bool isBare)
    {
        if (User is not null || _exchange is not null)
            return false;
        _exchange = mechanism == PlainExchange.Mechanism
            ? new PlainExchange(options)
            : new ScramExchange(
                ScramMechanisms.All.First(scram => ScramMechanisms.NameOf(scram) == mechanism), options, ScramExchange.CreateNonce());
        _isBare = isBare;
        return true;
    }

    /// <summary>Takes the client's next message; null when none is expected.</summary>
    /// <exception cref="SaslException">The login is refused.</exception>
    public byte[]? Next(ReadOnlySpan<byte> message)
    {
        if (_exchange is null || User is not null)
            return null;
        byte[] answer = _exchange.Next(message);
        User = _exchange.User;
        return answer;
    }
}
