using System.Net;
using StreamSQL.Broker.Configs;
using StreamSQL.Broker.Fetching;
using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Network;
using StreamSQL.Broker.Security;

namespace StreamSQL.Broker.Handlers;

/// <summary>What the handlers of the Kafka APIs work on.</summary>
public sealed class BrokerServices
{
    /// <summary>Serves a broker.</summary>
    /// <param name="host">Topics, partitions and options.</param>
    /// <param name="listener">Settings of the listeners.</param>
    /// <param name="time">Measures waits and sessions.</param>
    public BrokerServices(BrokerHost host, KafkaListenerOptions listener, TimeProvider time)
    {
        Host = host;
        Listener = listener;
        Time = time;
        Topics = new ClientTopics(host.Topics, host.Options.Guard);
        Connections = new ConnectionRegister(listener, time);
        RequestMemory = new RequestMemory(listener.MaxQueuedRequestBytes);
        FetchMemory = new FetchMemory(listener.MaxFetchMemoryBytes);
        FetchSessions = new FetchSessionCache(listener.MaxFetchSessions, time, host.Options.Topics.NewId);
        host.Configs.AddStartValues(StartValues.Of(listener));
    }

    /// <summary>Topics, partitions and options.</summary>
    public BrokerHost Host { get; }

    /// <summary>Settings of the listeners.</summary>
    public KafkaListenerOptions Listener { get; }

    /// <summary>Measures waits and sessions.</summary>
    public TimeProvider Time { get; }

    /// <summary>The users whose passwords clients may list and change; null where there are none.</summary>
    public UserDirectory? Users { get; set; }

    /// <summary>Says where the broker listens, for those who ask for its configs (<c>listeners</c>, <c>advertised.listeners</c>).</summary>
    public void DescribeListeners(IReadOnlyList<(KafkaListener Listener, IPEndPoint Address)> listeners) =>
        Host.Configs.AddStartValues(StartValues.Of(listeners));

    /// <summary>The topics that clients see.</summary>
    internal ClientTopics Topics { get; }

    /// <summary>The open connections of all listeners.</summary>
    internal ConnectionRegister Connections { get; }

    /// <summary>What large requests of all connections may take.</summary>
    internal RequestMemory RequestMemory { get; }

    /// <summary>What the records in answers of all connections may take.</summary>
    internal FetchMemory FetchMemory { get; }

    /// <summary>Fetch sessions.</summary>
    internal FetchSessionCache FetchSessions { get; }

    /// <summary>Consumer groups.</summary>
    internal GroupCoordinator Groups => Host.Groups;
}
