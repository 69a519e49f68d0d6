using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Storage.Files;

namespace StreamSQL.Broker.Client;

/// <summary>
/// The engine's way to the broker in its own process: no sockets and, where records are in memory, no copies. A fetch that finds data
/// completes synchronously.
/// </summary>
public sealed class InProcessBrokerClient : IBrokerClient
{
    private static readonly TimeSpan UnstableRecheck = TimeSpan.FromMilliseconds(20);
    private readonly BrokerHost _broker;
    private readonly TimeProvider _time;

    internal InProcessBrokerClient(BrokerHost broker, TimeProvider time)
    {
        _broker = broker;
        _time = time;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TopicMetadata>> GetTopicsAsync(IReadOnlyList<string>? topics, CancellationToken cancellation)
    {
        IReadOnlyList<TopicMetadata> found = topics is null
            ? [.. _broker.Topics.All.Values.Select(t => t.Metadata)]
            : [.. topics.Select(name => _broker.Topics.TryGet(name, out var topic) ? topic.Metadata : null).OfType<TopicMetadata>()];
        return new(found);
    }

    /// <inheritdoc/>
    public async ValueTask<TopicMetadata> CreateTopicAsync(NewTopic topic, CancellationToken cancellation)
    {
        if (topic.ReplicationFactor is not (1 or -1))
        {
            throw new KafkaException(
                ErrorCode.InvalidReplicationFactor, $"This broker is alone; {topic.ReplicationFactor} replicas are not possible.");
        }

        return (await _broker.Topics.CreateAsync(topic.Name, topic.Partitions, topic.Configs)).Metadata;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteTopicAsync(string topic, CancellationToken cancellation) => await _broker.Topics.DeleteAsync(topic);

    /// <inheritdoc/>
    public async ValueTask DeleteRecordsAsync(TopicPartition partition, long beforeOffset, CancellationToken cancellation) =>
        await Find(partition).DeleteRecordsAsync(beforeOffset);

    /// <inheritdoc/>
    public ValueTask<PartitionOffsets> GetOffsetsAsync(TopicPartition partition, CancellationToken cancellation) =>
        new(Find(partition).Offsets);

    /// <inheritdoc/>
    public ValueTask<long> GetOffsetForTimestampAsync(TopicPartition partition, long timestampMs, CancellationToken cancellation) =>
        new(Find(partition).TryFindTimestamp(timestampMs, IsolationLevel.ReadUncommitted, out var found) ? found.Offset : -1);

    /// <inheritdoc/>
    public ValueTask<FetchedRecords> FetchAsync(
        TopicPartition partition, long offset, int maxBytes, TimeSpan maxWait, IsolationLevel isolation, CancellationToken cancellation)
    {
        var read = Read(partition, offset, maxBytes, isolation);
        return !read.Records.IsEmpty || maxWait <= TimeSpan.Zero
            ? new(Lease(read))
            : FetchWaitingAsync(partition, offset, maxBytes, maxWait, isolation, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<long> ProduceAsync(TopicPartition partition, ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        var appended = Find(partition).AppendAsync(batch, RequiredAcks.All);
        return appended.IsCompletedSuccessfully ? new(BaseOffset(partition, appended.Result)) : AwaitAsync(partition, appended);

        async ValueTask<long> AwaitAsync(TopicPartition partition, ValueTask<AppendResult> appended) =>
            BaseOffset(partition, await appended);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransactionalProducer> OpenTransactionalProducerAsync(
        string transactionalId, TimeSpan timeout, CancellationToken cancellation)
    {
        var timeoutMs = (int)Math.Min(int.MaxValue, timeout.TotalMilliseconds);
        var (error, producer) = await _broker.Transactions.OpenLocalAsync(transactionalId, timeoutMs);
        return producer is not null
            ? new InProcessTransactionalProducer(_broker.Transactions, _broker.Groups, producer)
            : throw new KafkaException(error, $"The transactional id '{transactionalId}' could not be taken.");
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(
        string groupId, CancellationToken cancellation) => GetCommittedOffsetsAsync(groupId, null, cancellation);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, long>> GetCommittedOffsetsAsync(
        string groupId, IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellation)
    {
        var offsetsPartition = await _broker.Offsets.PartitionOfAsync(groupId);
        using var waiter = new DataWaiter(_time);
        waiter.Watch(offsetsPartition);
        while (true)
        {
            var fetched = _broker.Offsets.Fetch(groupId, partitions, requireStable: true);
            if (fetched.All(f => f.Error == ErrorCode.None))
                return fetched.Where(f => f.Committed is not null).ToDictionary(f => f.Partition, f => f.Committed!.Offset);
            await waiter.WaitAsync(UnstableRecheck, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteGroupAsync(string groupId, CancellationToken cancellation)
    {
        var error = await _broker.Groups.DeleteAsync(groupId);
        if (error != ErrorCode.None)
            throw new KafkaException(error, $"The group '{groupId}' cannot be deleted: {error}.");
    }

    /// <inheritdoc/>
    public IGroupMembership OpenGroupMembership(GroupMembershipOptions options) => new InProcessGroupMembership(_broker.Groups, options);

    /// <summary>Nothing to close: the broker is its owner's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private long BaseOffset(TopicPartition partition, AppendResult result)
    {
        if (result.Error == ErrorCode.None)
            return result.BaseOffset;
        if (result.Error != ErrorCode.KafkaStorageError || !_broker.IsDiskFull)
            throw new KafkaException(result.Error, $"The append to {partition} was refused: {result.Error}.");
        var full = new DiskFullException();
        throw new KafkaException(result.Error, full.Message, full);
    }

    private static FetchedRecords Lease(PartitionRead read) =>
        new(read.Records.Batches, read.Offsets, read.Aborted, read.Records.Release);

    private async ValueTask<FetchedRecords> FetchWaitingAsync(
        TopicPartition name, long offset, int maxBytes, TimeSpan maxWait, IsolationLevel isolation, CancellationToken cancellation)
    {
        using var waiter = new DataWaiter(_time);
        waiter.Watch(Find(name));
        var started = _time.GetTimestamp();
        while (true)
        {
            var read = Read(name, offset, maxBytes, isolation);
            var left = maxWait - _time.GetElapsedTime(started);
            if (!read.Records.IsEmpty || left <= TimeSpan.Zero)
                return Lease(read);
            await waiter.WaitAsync(left, cancellation);
        }
    }

    private PartitionRead Read(TopicPartition name, long offset, int maxBytes, IsolationLevel isolation)
    {
        var read = Find(name).Read(offset, maxBytes, isolation);
        return read.Error == ErrorCode.None
            ? read
            : throw new KafkaException(
                read.Error, $"{name} holds offsets {read.Offsets.LogStart} to {read.Offsets.HighWatermark}, not {offset}.");
    }

    private Partition Find(TopicPartition name) =>
        _broker.Topics.Find(name) ?? throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"There is no partition {name}.");
}
