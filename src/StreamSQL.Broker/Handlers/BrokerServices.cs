using StreamSQL.Broker.Network;

namespace StreamSQL.Broker.Handlers;

/// <summary>What the handlers of the Kafka APIs work on.</summary>
/// <param name="Host">Topics, partitions and options.</param>
/// <param name="Listener">Settings of the listener.</param>
/// <param name="Time">Measures waits.</param>
public sealed record BrokerServices(BrokerHost Host, KafkaListenerOptions Listener, TimeProvider Time);
