using System.Net;

namespace StreamSQL.Server.Options;

/// <summary>
/// How the server runs. Each value comes from the command line, else the environment
/// (<c>STREAMSQL_...</c>), else the config file, else the default.
/// </summary>
public sealed record ServerOptions
{
    /// <summary>Where topics, catalog and state are kept.</summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>Where Kafka clients connect; at least one.</summary>
    public IReadOnlyList<KafkaEndpoint> Kafka { get; init; } = [new(KafkaEndpoint.DefaultName, new(IPAddress.Loopback, 9092))];

    /// <summary>Where Postgres clients connect. Port 0 picks a free port.</summary>
    public IPEndPoint Postgres { get; init; } = new(IPAddress.Loopback, 7432);

    /// <summary>Where HTTP clients connect. Port 0 picks a free port.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 8088);

    /// <summary>The broker's node id (<c>node.id</c>).</summary>
    public int NodeId { get; init; } = 1;

    /// <summary>Where the broker stands (<c>broker.rack</c>); null when that is not said.</summary>
    public string? Rack { get; init; }

    /// <summary>
    /// How many bytes of large Kafka requests may arrive at once (<c>queued.max.request.bytes</c>); null for the broker's default.
    /// </summary>
    public long? QueuedMaxRequestBytes { get; init; }

    /// <summary>How many Kafka connections may be open (<c>max.connections</c>); null for no limit.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>The most bytes that the heap of the process may take; null for the runtime's own limit.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Broker configs by Kafka's names (see <see cref="Broker.Configs.StartConfigs"/>).</summary>
    public IReadOnlyDictionary<string, string> BrokerConfigs { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Brokers of the Kafka cluster that the engine works on, instead of a broker in this process; empty for the latter. One that answers
    /// is enough.
    /// </summary>
    public IReadOnlyList<DnsEndPoint> KafkaBootstrap { get; init; } = [];

    /// <summary>
    /// Whether Kafka clients may read and write the topics of an engine, such as one in another process with this broker as its
    /// <see cref="KafkaBootstrap"/>: else they do not see the catalog, which has the verifiers of
    /// passwords, and do not write to the others.
    /// </summary>
    public bool OpensEngineTopics { get; init; }

    /// <summary>Whether this process is a broker for engines in other processes, and runs no queries itself.</summary>
    public bool IsBrokerOnly { get; init; }

    /// <summary>After how long a silence of the engine that runs the queries of a shared broker another one takes over.</summary>
    public TimeSpan TakeoverAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// URLs of the schema registry to use instead of the one in this process; empty for the latter. The first that answers is used.
    /// </summary>
    public IReadOnlyList<Uri> SchemaRegistry { get; init; } = [];

    /// <summary>How Postgres clients are let in.</summary>
    public PostgresSecurity PostgresSecurity { get; init; } = new();

    /// <summary>Whether listening beyond loopback without authentication is wanted.</summary>
    public bool InsecurePublic { get; init; }

    /// <summary>Whether a Kafka listener encrypts.</summary>
    public bool HasKafkaTls => KafkaBootstrap.Count == 0 && Kafka.Any(static listener => listener.Security.HasFlag(KafkaSecurity.Ssl));

    /// <summary>Whether the engines that work on the same broker share its queries, so that each runs some.</summary>
    public bool SharesQueries { get; init; }

    /// <summary>
    /// Whether other engines may work on the same broker: then one at a time runs its queries, unless they are shared.
    /// </summary>
    public bool SharesBroker => KafkaBootstrap.Count > 0 || OpensEngineTopics;

    /// <summary>Replicas of the topics that are made: a cluster decides itself how many a topic gets.</summary>
    public short ReplicationFactor => (short)(KafkaBootstrap.Count == 0 ? 1 : -1);

    /// <summary>
    /// The listeners that others than this machine can reach without authentication, or with passwords that can be seen on the way.
    /// </summary>
    public IEnumerable<IPEndPoint> PublicListeners =>
        (KafkaBootstrap.Count == 0 ? Kafka.Where(static l => l.Security != KafkaSecurity.SaslSsl).Select(static l => l.Address) : [])
        .Concat(PostgresSecurity.GuardsOtherMachines ? [Http] : [Postgres, Http])
        .Where(static endpoint => !IPAddress.IsLoopback(endpoint.Address));
}

/// <summary>An option that cannot be used: the message says which, why, and what would do.</summary>
public sealed class OptionException(string message) : Exception(message);
