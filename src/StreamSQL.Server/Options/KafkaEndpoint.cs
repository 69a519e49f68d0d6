using System.Net;

namespace StreamSQL.Server.Options;

/// <summary>A Kafka listener: where it listens, and where its clients are told to connect.</summary>
/// <param name="Name">Its name, as in Kafka's <c>listeners</c>.</param>
/// <param name="Address">Where it listens. Port 0 picks a free port.</param>
/// <param name="Advertised">The address that its clients are told; null is the one at which each reached us.</param>
public sealed record KafkaEndpoint(string Name, IPEndPoint Address, DnsEndPoint? Advertised = null)
{
    /// <summary>The name of a listener that is not given one.</summary>
    public const string DefaultName = "PLAINTEXT";
}
