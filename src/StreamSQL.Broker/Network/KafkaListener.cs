using System.Net.Security;
using StreamSQL.Broker.Security;

namespace StreamSQL.Broker.Network;

/// <summary>One of the addresses at which Kafka clients connect, and what they are told of it (<c>advertised.listeners</c>).</summary>
/// <param name="Name">Its name, for logs and configs.</param>
/// <param name="AdvertisedHost">The host that its clients are told to connect to; null for the address at which each reached us.</param>
/// <param name="AdvertisedPort">The port that they are told; 0 for the port at which each reached us.</param>
public sealed record KafkaListener(string Name, string? AdvertisedHost = null, int AdvertisedPort = 0)
{
    /// <summary>What its connections are encrypted with (TLS); null: they are not.</summary>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>Who may use it, and logs in first (SASL); null: everybody.</summary>
    public SaslOptions? Sasl { get; init; }

    /// <summary>Kafka's name of how clients connect here (<c>security.protocol</c>).</summary>
    public string SecurityProtocol => (Tls, Sasl) switch
    {
        (null, null) => "PLAINTEXT",
        (_, null) => "SSL",
        (null, _) => "SASL_PLAINTEXT",
        _ => "SASL_SSL",
    };
}
