using System.Collections.Concurrent;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Producers;
using StreamSQL.Broker.Topics;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker.Transactions;

/// <summary>
/// Coordinates transactions: carries out the steps of <see cref="TransactionMachine"/>, one at a time per transactional id. A step's new
/// state, in <c>__transaction_state</c>, and its markers are one atomic write, so no transaction is ever found half ended.
/// </summary>
public sealed partial class TransactionCoordinator : IDisposable
{
    private readonly LogStore _store;
    private readonly TopicRegistry _topics;
    private readonly OffsetStore _offsets;
    private readonly ProducerIds _producerIds;
    private readonly TimeProvider _time;
    private readonly int _maxTimeoutMs;
    private readonly ConcurrentDictionary<string, TransactionEntry> _entries = new(StringComparer.Ordinal);

    internal TransactionCoordinator(
        LogStore store, TopicRegistry topics, OffsetStore offsets, ProducerIds producerIds, TimeProvider time, TimeSpan maxTimeout)
    {
        _store = store;
        _topics = topics;
        _offsets = offsets;
        _producerIds = producerIds;
        _time = time;
        _maxTimeoutMs = (int)maxTimeout.TotalMilliseconds;
    }

    /// <summary>
    /// Gives a producer its id and epoch (InitProducerId); without a transactional id a fresh one for idempotent appends.
    /// </summary>
    /// <param name="transactionalId">The transactional id, or null.</param>
    /// <param name="timeoutMs">How long its transactions may stay open.</param>
    /// <param name="expected">The producer id and epoch that the client holds (KIP-360), or null.</param>
    public async ValueTask<ProducerIdentity> InitializeAsync(string? transactionalId, int timeoutMs, (long Id, short Epoch)? expected)
    {
        if (transactionalId is null)
            return new ProducerIdentity(ErrorCode.None, await _producerIds.NextAsync(), 0);
        if (transactionalId.Length == 0)
            return ProducerIdentity.Refused(ErrorCode.InvalidRequest);
        if (timeoutMs <= 0 || timeoutMs > _maxTimeoutMs)
            return ProducerIdentity.Refused(ErrorCode.InvalidTransactionTimeout);
        var entry = _entries.GetOrAdd(transactionalId, static id => new TransactionEntry(id));
        using (await entry.EnterAsync())
        {
            var freshId = TransactionMachine.NeedsFreshId(entry.State) ? await _producerIds.NextAsync() : -1;
            var step = TransactionMachine.Initialize(entry.State, transactionalId, expected, timeoutMs, freshId, NowMs);
            return await IdentityAfterAsync(entry, step);
        }
    }

    /// <summary>Adds partitions to the producer's transaction, opening it if needed (AddPartitionsToTxn).</summary>
    public async ValueTask<ErrorCode> AddPartitionsAsync(
        string transactionalId, long producerId, short epoch, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (!_entries.TryGetValue(transactionalId, out var entry))
            return ErrorCode.InvalidProducerIdMapping;
        using (await entry.EnterAsync())
            return await CarryOutAsync(entry, TransactionMachine.AddPartitions(entry.State, producerId, epoch, partitions, NowMs));
    }

    /// <summary>Adds a group's offsets to the producer's transaction (AddOffsetsToTxn).</summary>
    public async ValueTask<ErrorCode> AddOffsetsAsync(string transactionalId, long producerId, short epoch, string groupId) =>
        await AddPartitionsAsync(transactionalId, producerId, epoch, [(await _offsets.PartitionOfAsync(groupId)).Name]);

    /// <summary>
    /// Commits or aborts the producer's transaction (EndTxn). With <paramref name="bumpEpoch"/> (EndTxn 5, KIP-890) the answer holds the
    /// producer id and epoch of the next transaction.
    /// </summary>
    public async ValueTask<ProducerIdentity> EndAsync(string transactionalId, long producerId, short epoch, bool commit, bool bumpEpoch)
    {
        if (!_entries.TryGetValue(transactionalId, out var entry))
            return ProducerIdentity.Refused(ErrorCode.InvalidProducerIdMapping);
        using (await entry.EnterAsync())
        {
            var freshId = bumpEpoch && TransactionMachine.NeedsFreshId(entry.State) ? await _producerIds.NextAsync() : -1;
            var step = TransactionMachine.End(entry.State, producerId, epoch, commit, bumpEpoch, freshId, NowMs);
            return await IdentityAfterAsync(entry, step);
        }
    }

    /// <summary>
    /// Appends a transactional batch after verifying that its partition belongs to the producer's open transaction; with
    /// <paramref name="addPartition"/> (Produce 12, KIP-890) it joins the transaction instead.
    /// </summary>
    public async ValueTask<AppendResult> AppendAsync(
        string transactionalId, Partition partition, ReadOnlyMemory<byte> batch, RequiredAcks acks, bool addPartition)
    {
        if (!RecordBatchHeader.TryRead(batch.Span, out var header))
            return AppendResult.Refused(ErrorCode.CorruptMessage);
        var (producerId, epoch) = (header.ProducerId, header.ProducerEpoch);
        if (partition.HasOpenTransaction(producerId, epoch))
            return await partition.AppendAsync(batch, acks);
        var verifiedAt = partition.MarkersOf(producerId);
        var error = await VerifyAsync(transactionalId, producerId, epoch, partition.Name, addPartition);
        return error == ErrorCode.None ? await partition.AppendAsync(batch, acks, verifiedAt) : AppendResult.Refused(error);
    }

    /// <summary>
    /// Writes a group's offsets as part of the producer's transaction (TxnOffsetCommit); the caller has checked member and generation.
    /// </summary>
    public async ValueTask<ErrorCode> CommitOffsetsAsync(
        string transactionalId, long producerId, short epoch, string groupId, IReadOnlyList<OffsetToCommit> offsets, bool addPartition)
    {
        if (offsets.Count == 0)
            return ErrorCode.None;
        var partition = await _offsets.PartitionOfAsync(groupId);
        if (!_entries.TryGetValue(transactionalId, out var entry))
            return ErrorCode.InvalidProducerIdMapping;
        using (await entry.EnterAsync())
        {
            if (addPartition)
            {
                var step = TransactionMachine.AddPartitions(entry.State, producerId, epoch, [partition.Name], NowMs);
                if (await CarryOutAsync(entry, step) is var refused && refused != ErrorCode.None)
                    return refused;
            }

            var error = TransactionMachine.Verify(entry.State, producerId, epoch, partition.Name);
            return error != ErrorCode.None ? error : await WriteOffsetsAsync(partition, producerId, epoch, groupId, offsets);
        }
    }

    /// <summary>The state of a transactional id; null when it is unknown.</summary>
    public TransactionState? Describe(string transactionalId) =>
        _entries.TryGetValue(transactionalId, out var entry) ? entry.State : null;

    /// <summary>The states of all transactional ids.</summary>
    public IReadOnlyList<TransactionState> List() => [.. _entries.Values.Select(e => e.State).OfType<TransactionState>()];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, entry) in _entries)
            entry.Dispose();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Aborts transactions that have been open too long.</summary>
    internal async ValueTask ExpireAsync()
    {
        foreach (var (_, entry) in _entries)
        {
            if (entry.State is not { Status: TransactionStatus.Ongoing } open || NowMs - open.StartMs < open.TimeoutMs)
                continue;
            using (await entry.EnterAsync())
            {
                var freshId = TransactionMachine.NeedsFreshId(entry.State) ? await _producerIds.NextAsync() : -1;
                await CarryOutAsync(entry, TransactionMachine.Expire(entry.State!, freshId, NowMs));
            }
        }
    }

    private async ValueTask<ErrorCode> VerifyAsync(
        string transactionalId, long producerId, short epoch, TopicPartition partition, bool addPartition)
    {
        if (addPartition)
            return await AddPartitionsAsync(transactionalId, producerId, epoch, [partition]);
        if (!_entries.TryGetValue(transactionalId, out var entry))
            return ErrorCode.InvalidProducerIdMapping;
        using (await entry.EnterAsync())
            return TransactionMachine.Verify(entry.State, producerId, epoch, partition);
    }

    private async ValueTask<ProducerIdentity> IdentityAfterAsync(TransactionEntry entry, TransactionStep step)
    {
        var error = await CarryOutAsync(entry, step);
        return error == ErrorCode.None
            ? new ProducerIdentity(ErrorCode.None, entry.State!.ProducerId, entry.State.ProducerEpoch)
            : ProducerIdentity.Refused(error);
    }

    /// <summary>Writes a step's state and markers as one, then takes on the state.</summary>
    private async ValueTask<ErrorCode> CarryOutAsync(TransactionEntry entry, TransactionStep step)
    {
        if (step.Error != ErrorCode.None || step.Next is not { } next)
            return step.Error;
        try
        {
            var write = entry.Write(_store);
            write.Clear();
            write.Add(await StatePartitionAsync(next.TransactionalId), entry.EncodeState(next));
            AddMarkers(write, step.Ending);
            await write.Enqueue();
        }
        catch (StorageFailedException)
        {
            return ErrorCode.KafkaStorageError;
        }
        catch (ObjectDisposedException)
        {
            return ErrorCode.ConcurrentTransactions; // a partition was deleted just now; the client comes again
        }

        entry.State = next;
        EndOffsets(step.Ending);
        return ErrorCode.None;
    }

    private void AddMarkers(AtomicAppend write, EndingTransaction? ending)
    {
        if (ending is null)
            return;
        foreach (var name in ending.Partitions)
        {
            if (_topics.Find(name) is { } partition) // else the topic was deleted meanwhile
                write.AddMarker(partition, ending.ProducerId, ending.MarkerEpoch, new TransactionMarker(ending.Commit, 0));
        }
    }

    private void EndOffsets(EndingTransaction? ending)
    {
        if (ending is null)
            return;
        foreach (var name in ending.Partitions)
        {
            if (name.Topic == TopicName.ConsumerOffsets)
                _offsets.EndTransaction(name.Partition, ending.ProducerId, ending.Commit);
        }
    }

    private async ValueTask<ErrorCode> WriteOffsetsAsync(
        Partition partition, long producerId, short epoch, string groupId, IReadOnlyList<OffsetToCommit> offsets)
    {
        using var builder = new RecordBatchBuilder();
        var records = _offsets.BuildCommit(builder, groupId, offsets);
        var write = new AtomicAppend(_store);
        write.Add(partition, builder.Build(producerId, epoch, ProducerSequence.None, transactional: true));
        try
        {
            await write.Enqueue();
        }
        catch (StorageFailedException)
        {
            return ErrorCode.KafkaStorageError;
        }

        _offsets.AddPending(producerId, groupId, records, write.Offsets[0]);
        return ErrorCode.None;
    }

    private async ValueTask<Partition> StatePartitionAsync(string transactionalId)
    {
        var topic = await _topics.GetOrCreateAsync(TopicName.TransactionState);
        return topic.Partitions[CoordinatorPartition.Of(transactionalId, topic.Partitions.Count)];
    }
}

/// <summary>A producer id and epoch, or why none was given.</summary>
/// <param name="Error">None, or the reason.</param>
/// <param name="ProducerId">The producer id; -1 with an error.</param>
/// <param name="ProducerEpoch">The epoch; -1 with an error.</param>
public readonly record struct ProducerIdentity(ErrorCode Error, long ProducerId, short ProducerEpoch)
{
    internal static ProducerIdentity Refused(ErrorCode error) => new(error, -1, -1);
}
