using System.Collections.Concurrent;
using System.Net;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Client.Tcp;

/// <summary>
/// The engine's way to a Kafka cluster over TCP. Requests that a broker refuses for now are sent again, to the right broker; a produce
/// whose connection is lost is not, since it may have been carried out.
/// </summary>
public sealed class TcpBrokerClient : IBrokerClient
{
    private const long LatestTimestamp = -1;
    private const long EarliestTimestamp = -2;

    private readonly Cluster _cluster;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<DnsEndPoint, FetchDispatcher> _fetches = new();

    /// <summary>A client; it connects when it is first used.</summary>
    /// <param name="options">Where the cluster is, and limits.</param>
    /// <param name="time">Measures timeouts.</param>
    public TcpBrokerClient(TcpClientOptions options, TimeProvider time)
    {
        _cluster = new Cluster(options, time);
        _time = time;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TopicMetadata>> GetTopicsAsync(IReadOnlyList<string>? topics, CancellationToken cancellation) =>
        RetryAsync<IReadOnlyList<TopicMetadata>>(
            async () => [.. (await _cluster.RefreshAsync(topics, cancellation)).Select(topic => topic.Describe())], cancellation);

    /// <inheritdoc/>
    public async ValueTask<TopicMetadata> CreateTopicAsync(NewTopic topic, CancellationToken cancellation)
    {
        var request = new CreateTopicsRequest
        {
            Topics =
            [
                new()
                {
                    Name = topic.Name,
                    NumPartitions = topic.Partitions,
                    ReplicationFactor = topic.ReplicationFactor,
                    Configs = [.. topic.Configs.Select(c => new CreateTopicsRequest.Config { Name = c.Key, Value = c.Value })],
                },
            ],
            TimeoutMs = (int)_cluster.Options.RequestTimeout.TotalMilliseconds,
        };
        await RetryAsync(
            async () =>
            {
                BrokerConnection controller = await _cluster.ConnectToControllerAsync(cancellation);
                CreateTopicsResponse response = await controller.SendAsync(Apis.CreateTopics, request, cancellation);
                foreach (CreateTopicsResponse.Topic created in response.Topics)
                    ThrowIfError(created.ErrorCode, created.ErrorMessage ?? $"Topic '{topic.Name}' cannot be created.");
                return true;
            },
            cancellation);
        return await RetryAsync(() => WhenLedAsync(topic.Name, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteTopicAsync(string topic, CancellationToken cancellation)
    {
        var request = new DeleteTopicsRequest
        {
            TopicNames = [topic],
            Topics = [new() { Name = topic }],
            TimeoutMs = (int)_cluster.Options.RequestTimeout.TotalMilliseconds,
        };
        BrokerConnection controller = await RetryAsync(() => _cluster.ConnectToControllerAsync(cancellation).AsTask(), cancellation);
        DeleteTopicsResponse response = await controller.SendAsync(Apis.DeleteTopics, request, cancellation);
        _cluster.Forget(topic);
        foreach (DeleteTopicsResponse.Topic deleted in response.Responses)
            ThrowIfError(deleted.ErrorCode, deleted.ErrorMessage ?? $"Topic '{topic}' cannot be deleted.");
    }

    /// <inheritdoc/>
    public async ValueTask DeleteRecordsAsync(TopicPartition partition, long beforeOffset, CancellationToken cancellation)
    {
        var request = new DeleteRecordsRequest
        {
            Topics = [new() { Name = partition.Topic,
                Partitions = [new() { PartitionIndex = partition.Partition, Offset = beforeOffset }] }],
            TimeoutMs = (int)_cluster.Options.RequestTimeout.TotalMilliseconds,
        };
        await RetryAtLeaderAsync(
            partition,
            async leader =>
            {
                DeleteRecordsResponse response = await leader.SendAsync(Apis.DeleteRecords, request, cancellation);
                ThrowIfError(response.Topics[0].Partitions[0].ErrorCode,
                    $"Records of {partition} before {beforeOffset} cannot be deleted.");
                return true;
            },
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellation) => RetryAtLeaderAsync(
        partition,
        async leader =>
        {
            Task<long> start = ListOffsetAsync(leader, partition, EarliestTimestamp, IsolationLevel.ReadUncommitted, cancellation);
            Task<long> stable = ListOffsetAsync(leader, partition, LatestTimestamp, IsolationLevel.ReadCommitted, cancellation);
            Task<long> end = ListOffsetAsync(leader, partition, LatestTimestamp, IsolationLevel.ReadUncommitted, cancellation);
            return new PartitionOffsets(await start, await stable, await end);
        },
        cancellation);

    /// <inheritdoc/>
    public ValueTask<long> GetOffsetForTimestampAsync(TopicPartition partition, long timestampMs, CancellationToken cancellation) =>
        RetryAtLeaderAsync(
            partition,
            leader => ListOffsetAsync(leader, partition, timestampMs, IsolationLevel.ReadUncommitted, cancellation),
            cancellation);

    /// <inheritdoc/>
    public ValueTask<FetchedRecords> FetchAsync(
        TopicPartition partition, long offset, int maxBytes, TimeSpan maxWait, IsolationLevel isolation, CancellationToken cancellation) =>
        RetryAsync(
            async () =>
            {
                try
                {
                    DnsEndPoint address = _cluster.AddressOf(await _cluster.LeaderOfAsync(partition, cancellation));
                    FetchDispatcher dispatcher = _fetches.GetOrAdd(address, a => new FetchDispatcher(a, _cluster.Options, _time));
                    Guid topicId = _cluster.Metadata.Topics.TryGetValue(partition.Topic, out ClusterTopic? topic) ? topic.Id : Guid.Empty;
                    var fetch = new PartitionFetch(partition, topicId, offset, maxBytes, isolation, maxWait, _time);
                    return await dispatcher.FetchAsync(fetch, cancellation);
                }
                catch (KafkaException e) when (e.Code != ErrorCode.OffsetOutOfRange)
                {
                    _cluster.Forget(partition.Topic);
                    throw;
                }
            },
            cancellation);

    /// <inheritdoc/>
    public ValueTask<long> ProduceAsync(TopicPartition partition, ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        ProduceRequest request = ProduceRequests.Of(null, _cluster.Options.RequestTimeout, [(partition, batch)]);
        return RetryAtLeaderAsync(
            partition,
            async leader =>
            {
                ProduceResponse response = await leader.SendAsync(Apis.Produce, request, cancellation);
                ProduceResponse.Partition appended = response.Responses[0].PartitionResponses[0];
                ThrowIfError(appended.ErrorCode, appended.ErrorMessage ?? $"{partition} does not take the records.");
                return appended.BaseOffset;
            },
            cancellation,
            mayRepeat: false);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransactionalProducer> OpenTransactionalProducerAsync(
        string transactionalId, TimeSpan timeout, CancellationToken cancellation)
    {
        var producer = new TcpTransactionalProducer(this, _cluster, transactionalId, timeout);
        await producer.InitializeAsync(cancellation);
        return producer;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(string groupId, CancellationToken cancellation) =>
        GetCommittedOffsetsAsync(groupId, null, cancellation);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellation)
    {
        List<OffsetFetchRequest.Topic>? topics = partitions is null ? null : [.. partitions.GroupBy(static p => p.Topic).Select(
            static t => new OffsetFetchRequest.Topic { Name = t.Key, PartitionIndexes = [.. t.Select(static p => p.Partition)] })];
        var request = new OffsetFetchRequest
        {
            GroupId = groupId, Topics = topics, Groups = [new() { GroupId = groupId, Topics = topics }], RequireStable = true,
        };
        return RetryAsync<IReadOnlyDictionary<TopicPartition, long>>(
            async () =>
            {
                BrokerConnection coordinator = await _cluster.ConnectToGroupCoordinatorAsync(groupId, cancellation);
                OffsetFetchResponse response = await coordinator.SendAsync(Apis.OffsetFetch, request, cancellation);
                OffsetFetchResponse.Group group = response.Groups.FirstOrDefault()
                    ?? new() { ErrorCode = response.ErrorCode, Topics = response.Topics };
                ThrowIfError(group.ErrorCode, $"The offsets of group '{groupId}' cannot be read.");
                var offsets = new Dictionary<TopicPartition, long>();
                foreach (OffsetFetchResponse.Topic topic in group.Topics)
                {
                    foreach (OffsetFetchResponse.Partition partition in topic.Partitions)
                    {
                        ThrowIfError(partition.ErrorCode,
                            $"The offset of group '{groupId}' in {topic.Name}-{partition.PartitionIndex} cannot be read.");
                        if (partition.CommittedOffset >= 0)
                            offsets.Add(new TopicPartition(topic.Name, partition.PartitionIndex), partition.CommittedOffset);
                    }
                }
                return offsets;
            },
            cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellation)
    {
        var request = new DeleteGroupsRequest { GroupsNames = [groupId] };
        await RetryAsync(
            async () =>
            {
                BrokerConnection coordinator = await _cluster.ConnectToGroupCoordinatorAsync(groupId, cancellation);
                DeleteGroupsResponse response = await coordinator.SendAsync(Apis.DeleteGroups, request, cancellation);
                foreach (DeleteGroupsResponse.Group group in response.Results)
                    ThrowIfError(group.ErrorCode, $"The group '{groupId}' cannot be deleted.");
                return true;
            },
            cancellation);
    }

    /// <inheritdoc/>
    public IGroupMembership OpenGroupMembership(GroupMembershipOptions options) => new TcpGroupMembership(this, _cluster, options);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (FetchDispatcher dispatcher in _fetches.Values)
            await dispatcher.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    internal static void ThrowIfError(ErrorCode error, string message)
    {
        if (error != ErrorCode.None)
            throw new KafkaException(error, message);
    }

    /// <summary>
    /// Repeats an attempt while the cluster cannot serve it now and, when it may be repeated, while connections are lost.
    /// </summary>
    internal async ValueTask<T> RetryAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation, bool mayRepeat = true)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (KafkaException e) when (
                (RetriableErrors.IsRefusal(e.Code) || (mayRepeat && RetriableErrors.IsUncertain(e.Code)))
                && _time.GetElapsedTime(start) < Patience(e.Code))
            {
                await Task.Delay(_cluster.Options.RetryBackoff, _time, cancellation);
            }
        }
    }

    // A topic that was just made may not be known everywhere; one that does not exist should not be waited for long.
    private TimeSpan Patience(ErrorCode error) =>
        error is ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId ? _cluster.Options.RetryBackoff * 10
            : _cluster.Options.RetryTimeout;

    private ValueTask<T> RetryAtLeaderAsync<T>(
        TopicPartition partition, Func<BrokerConnection, Task<T>> attempt, CancellationToken cancellation, bool mayRepeat = true) =>
        RetryAsync(
            async () =>
            {
                try
                {
                    return await attempt(await _cluster.ConnectToLeaderAsync(partition, cancellation));
                }
                catch (KafkaException)
                {
                    _cluster.Forget(partition.Topic);
                    throw;
                }
            },
            cancellation,
            mayRepeat);

    private async Task<TopicMetadata> WhenLedAsync(string name, CancellationToken cancellation)
    {
        IReadOnlyList<ClusterTopic> found = await _cluster.RefreshAsync([name], cancellation);
        if (found.Count == 0 || found[0].Leaders.Contains(ClusterMetadata.NoNode))
            throw new KafkaException(ErrorCode.LeaderNotAvailable, $"Topic '{name}' has no leaders yet.");
        return found[0].Describe();
    }

    private static async Task<long> ListOffsetAsync(
        BrokerConnection leader, TopicPartition partition, long timestamp, IsolationLevel isolation, CancellationToken cancellation)
    {
        var request = new ListOffsetsRequest
        {
            ReplicaId = -1,
            IsolationLevel = (sbyte)isolation,
            Topics = [new() { Name = partition.Topic,
                Partitions = [new() { PartitionIndex = partition.Partition, Timestamp = timestamp }] }],
        };
        ListOffsetsResponse response = await leader.SendAsync(Apis.ListOffsets, request, cancellation);
        ListOffsetsResponse.Partition found = response.Topics[0].Partitions[0];
        ThrowIfError(found.ErrorCode, $"The offsets of {partition} cannot be listed.");
        return found.Offset;
    }
}
