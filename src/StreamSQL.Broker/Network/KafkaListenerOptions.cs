namespace StreamSQL.Broker.Network;

/// <summary>Settings of all Kafka listeners.</summary>
public sealed record KafkaListenerOptions
{
    /// <summary><c>socket.request.max.bytes</c>: the largest request.</summary>
    public int MaxRequestBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>
    /// <c>queued.max.request.bytes</c>: how many bytes of large requests may arrive at once over all connections; further ones wait in
    /// their sockets. Negative for no bound.
    /// </summary>
    public long MaxQueuedRequestBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>The largest request before the client has said ApiVersions.</summary>
    public int MaxFirstRequestBytes { get; init; } = 64 * 1024;

    /// <summary><c>fetch.max.bytes</c> of the broker: bounds the records of one answer, but for a first batch that is larger.</summary>
    public int MaxFetchBytes { get; init; } = 55 * 1024 * 1024;

    /// <summary>How many bytes of records the answers of all connections may hold until they are written; further fetches wait.</summary>
    public long MaxFetchMemoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary><c>max.connections</c>: how many connections may be open in all.</summary>
    public int MaxConnections { get; init; } = int.MaxValue;

    /// <summary><c>max.connections.per.ip</c>: how many connections of one address may be open.</summary>
    public int MaxConnectionsPerIp { get; init; } = int.MaxValue;

    /// <summary><c>max.incremental.fetch.session.cache.slots</c>: how many fetch sessions are kept at once.</summary>
    public int MaxFetchSessions { get; init; } = 1000;

    /// <summary>How many requests of a connection may wait for their answers at once. Further ones wait in the socket.</summary>
    public int MaxInFlight { get; init; } = 32;

    /// <summary>How long a client that has connected may take for its first request.</summary>
    public TimeSpan FirstRequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>connections.max.idle.ms</c>: how long a client may take for each further request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
