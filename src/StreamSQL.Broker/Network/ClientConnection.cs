using StreamSQL.Broker.Security;
using StreamSQL.Kafka.Messages;

namespace StreamSQL.Broker.Network;

/// <summary>What handlers know of a client's connection.</summary>
/// <param name="Id">The connection's id, for logs.</param>
/// <param name="ClientHost">The client's address as Kafka writes it: a slash and the IP address.</param>
/// <param name="AdvertisedHost">Where this client is told to find the broker.</param>
/// <param name="AdvertisedPort">And at which port.</param>
/// <param name="Stopping">Cancelled when the client has gone or the server stops.</param>
/// <param name="Sasl">Its login; null where clients need none.</param>
internal sealed record ClientConnection(
    string Id, string ClientHost, string AdvertisedHost, int AdvertisedPort, CancellationToken Stopping, SaslSession? Sasl = null)
{
    /// <summary>Whether the client may use all APIs.</summary>
    public bool IsLetIn => Sasl is null || Sasl.User is not null;

    /// <summary>This broker, as the client is to reach it.</summary>
    public NodeEndpoint Endpoint(BrokerOptions broker) =>
        new() { NodeId = broker.NodeId, Host = AdvertisedHost, Port = AdvertisedPort, Rack = broker.Rack };
}
