namespace StreamSQL.Broker.Network;

/// <summary>One of the addresses at which Kafka clients connect, and what they are told of it (<c>advertised.listeners</c>).</summary>
/// <param name="Name">Its name, for logs and configs.</param>
/// <param name="AdvertisedHost">The host that its clients are told to connect to; null for the address at which each reached us.</param>
/// <param name="AdvertisedPort">The port that they are told; 0 for the port at which each reached us.</param>
public sealed record KafkaListener(string Name, string? AdvertisedHost = null, int AdvertisedPort = 0);
