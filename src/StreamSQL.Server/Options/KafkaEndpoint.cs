using System.Net;

namespace StreamSQL.Server.Options;

/// <summary>A Kafka listener: where it listens, and where its clients are told to connect.</summary>
/// <param name="Name">Its name, as in Kafka's <c>listeners</c>.</param>
/// <param name="Address">Where it listens. Port 0 picks a free port.</param>
/// <param name="Advertised">The address that its clients are told; null is the one at which each reached us.</param>
/// <param name="Security">How clients connect.</param>
public sealed record KafkaEndpoint(
    string Name, IPEndPoint Address, DnsEndPoint? Advertised = null, KafkaSecurity Security = KafkaSecurity.Plaintext)
{
    /// <summary>The name of a listener that is not given one.</summary>
    public const string DefaultName = "PLAINTEXT";
}

/// <summary>How the clients of a Kafka listener connect, as their <c>security.protocol</c> says it.</summary>
[Flags]
public enum KafkaSecurity
{
    /// <summary>PLAINTEXT: neither encrypted nor with a login.</summary>
    Plaintext = 0,

    /// <summary>SSL: encrypted.</summary>
    Ssl = 1,

    /// <summary>SASL_PLAINTEXT: with a login, and not encrypted.</summary>
    SaslPlaintext = 2,

    /// <summary>SASL_SSL: encrypted, with a login.</summary>
    SaslSsl = Ssl | SaslPlaintext,
}
