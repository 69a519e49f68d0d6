using System.Collections.Immutable;
using System.Net;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>The brokers of a cluster: keeps its metadata and one connection per broker for all requests but fetches.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const sbyte GroupCoordinator = 0;
    private const sbyte TransactionCoordinator = 1;

    private readonly TimeProvider _time;
    private readonly Dictionary<DnsEndPoint, Task<BrokerConnection>> _connections = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _refreshing = new(1);
    private volatile ClusterMetadata _metadata = new();
    private bool _isDisposed;

    public Cluster(TcpClientOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
    }

    public TcpClientOptions Options { get; }

    /// <summary>What is known now.</summary>
    public ClusterMetadata Metadata => _metadata;

    /// <summary>A connection to a broker, opened when there is none.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.NetworkException"/>, <see cref="ErrorCode.LeaderNotAvailable"/>.</exception>
    public ValueTask<BrokerConnection> ConnectAsync(int nodeId, CancellationToken cancellation) =>
        ConnectAsync(AddressOf(nodeId), cancellation);

    /// <summary>Where a broker is.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.LeaderNotAvailable"/> when it is not known.</exception>
    public DnsEndPoint AddressOf(int nodeId) =>
        _metadata.Nodes.TryGetValue(nodeId, out DnsEndPoint? address)
            ? address
            : throw new KafkaException(ErrorCode.LeaderNotAvailable, $"Broker {nodeId} is not known.");

    /// <summary>A connection to the leader of a partition; asks for metadata when it is not known.</summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.UnknownTopicOrPartition"/>, <see cref="ErrorCode.LeaderNotAvailable"/>.
    /// </exception>
    public async ValueTask<BrokerConnection> ConnectToLeaderAsync(TopicPartition partition, CancellationToken cancellation) =>
        await ConnectAsync(await LeaderOfAsync(partition, cancellation), cancellation);

    /// <summary>The leader of a partition; asks for metadata when it is not known.</summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.UnknownTopicOrPartition"/>, <see cref="ErrorCode.LeaderNotAvailable"/>.
    /// </exception>
    public async ValueTask<int> LeaderOfAsync(TopicPartition partition, CancellationToken cancellation)
    {
        int leader = _metadata.LeaderOf(partition);
        if (leader != ClusterMetadata.NoNode)
            return leader;
        await RefreshAsync([partition.Topic], cancellation);
        leader = _metadata.LeaderOf(partition);
        if (leader != ClusterMetadata.NoNode)
            return leader;
        bool exists = _metadata.Topics.TryGetValue(partition.Topic, out ClusterTopic? topic) && partition.Partition < topic.Leaders.Length;
        throw new KafkaException(
            exists ? ErrorCode.LeaderNotAvailable : ErrorCode.UnknownTopicOrPartition,
            exists ? $"{partition} has no leader." : $"There is no {partition}.");
    }

    /// <summary>A connection to the broker that takes administrative requests.</summary>
    public async ValueTask<BrokerConnection> ConnectToControllerAsync(CancellationToken cancellation)
    {
        if (!_metadata.Nodes.ContainsKey(_metadata.Controller))
            await RefreshAsync([], cancellation);
        return await ConnectAsync(_metadata.Controller, cancellation);
    }

    /// <summary>A connection to the coordinator of a group.</summary>
    public ValueTask<BrokerConnection> ConnectToGroupCoordinatorAsync(string groupId, CancellationToken cancellation) =>
        ConnectToCoordinatorAsync(groupId, GroupCoordinator, cancellation);

    /// <summary>A new connection to the coordinator of a group, which is the caller's own.</summary>
    public async ValueTask<BrokerConnection> OpenToGroupCoordinatorAsync(string groupId, CancellationToken cancellation) =>
        await BrokerConnection.OpenAsync(await FindCoordinatorAsync(groupId, GroupCoordinator, cancellation), Options, _time, cancellation);

    /// <summary>A connection to the coordinator of a transactional id.</summary>
    public ValueTask<BrokerConnection> ConnectToTransactionCoordinatorAsync(string transactionalId, CancellationToken cancellation) =>
        ConnectToCoordinatorAsync(transactionalId, TransactionCoordinator, cancellation);

    /// <summary>Forgets who leads a topic, so that it is asked for again.</summary>
    public void Forget(string topic)
    {
        lock (_gate)
            _metadata = _metadata with { Topics = _metadata.Topics.Remove(topic) };
    }

    /// <summary>Asks for the named topics, or for all when null, and takes the answer in. Topics that do not exist are left out.</summary>
    /// <returns>The topics found.</returns>
    public async ValueTask<IReadOnlyList<ClusterTopic>> RefreshAsync(IReadOnlyList<string>? topics, CancellationToken cancellation)
    {
        var request = new MetadataRequest
        {
            Topics = topics is null ? null : [.. topics.Select(name => new MetadataRequest.Topic { Name = name })],
            AllowAutoTopicCreation = false,
        };
        await _refreshing.WaitAsync(cancellation);
        try
        {
            BrokerConnection connection = await ConnectToAnyAsync(cancellation);
            return Take(await connection.SendAsync(Apis.Metadata, request, cancellation));
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<Task<BrokerConnection>> connections;
        lock (_gate)
        {
            _isDisposed = true;
            connections = [.. _connections.Values];
            _connections.Clear();
        }
        foreach (Task<BrokerConnection> connection in connections)
        {
            await ((Task)connection).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (connection.IsCompletedSuccessfully)
                await (await connection).DisposeAsync();
        }
    }

    private async ValueTask<BrokerConnection> ConnectToCoordinatorAsync(string key, sbyte type, CancellationToken cancellation) =>
        await ConnectAsync(await FindCoordinatorAsync(key, type, cancellation), cancellation);

    private async ValueTask<DnsEndPoint> FindCoordinatorAsync(string key, sbyte type, CancellationToken cancellation)
    {
        BrokerConnection any = await ConnectToAnyAsync(cancellation);
        var request = new FindCoordinatorRequest { Key = key, KeyType = type, CoordinatorKeys = [key] };
        FindCoordinatorResponse response = await any.SendAsync(Apis.FindCoordinator, request, cancellation);
        FindCoordinatorResponse.Coordinator found = response.Coordinators.FirstOrDefault() ?? new()
        {
            ErrorCode = response.ErrorCode,
            ErrorMessage = response.ErrorMessage,
            Host = response.Host,
            Port = response.Port,
        };
        if (found.ErrorCode != ErrorCode.None)
            throw new KafkaException(found.ErrorCode, found.ErrorMessage ?? $"'{key}' has no coordinator now.");
        return new DnsEndPoint(found.Host, found.Port);
    }

    private async ValueTask<BrokerConnection> ConnectToAnyAsync(CancellationToken cancellation)
    {
        KafkaException? last = null;
        foreach (DnsEndPoint address in _metadata.Nodes.Values.Concat(Options.Bootstrap))
        {
            try
            {
                return await ConnectAsync(address, cancellation);
            }
            catch (KafkaException e) when (e.Code == ErrorCode.NetworkException)
            {
                last = e;
            }
        }
        throw last ?? new KafkaException(ErrorCode.BrokerNotAvailable, "No broker is known.");
    }

    private async ValueTask<BrokerConnection> ConnectAsync(DnsEndPoint address, CancellationToken cancellation)
    {
        Task<BrokerConnection> opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            bool isUsable = _connections.TryGetValue(address, out opening!) && !opening.IsFaulted
                && !(opening.IsCompletedSuccessfully && !opening.Result.IsOpen);
            if (!isUsable)
            {
                // Opened for all who want it: one caller that gives up does not take it from the others.
                opening = BrokerConnection.OpenAsync(address, Options, _time, CancellationToken.None).AsTask();
                _connections[address] = opening;
            }
        }
        return await opening.WaitAsync(cancellation);
    }

    private List<ClusterTopic> Take(MetadataResponse response)
    {
        List<ClusterTopic> found = [];
        foreach (MetadataResponse.Topic topic in response.Topics)
        {
            if (topic.Name is not { } name || topic.ErrorCode is not (ErrorCode.None or ErrorCode.LeaderNotAvailable))
                continue;
            var leaders = new int[topic.Partitions.Count];
            foreach (MetadataResponse.Partition partition in topic.Partitions)
            {
                if ((uint)partition.PartitionIndex < (uint)leaders.Length)
                    leaders[partition.PartitionIndex] = partition.LeaderId;
            }
            if (leaders.Length > 0)
                found.Add(new ClusterTopic(name, topic.TopicId, topic.IsInternal, [.. leaders]));
        }
        lock (_gate)
        {
            _metadata = new ClusterMetadata
            {
                Nodes = response.Brokers.ToImmutableDictionary(b => b.NodeId, b => new DnsEndPoint(b.Host, b.Port)),
                Controller = response.ControllerId,
                Topics = _metadata.Topics.SetItems(found.Select(t => KeyValuePair.Create(t.Name, t))),
            };
        }
        return found;
    }
}
