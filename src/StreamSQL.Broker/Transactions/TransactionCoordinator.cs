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
    private readonly long _openedAt;
    private readonly long _openedMs;
    private readonly int _maxTimeoutMs;
    private readonly long _idExpirationMs;
    private readonly TimeSpan _patience;
    private readonly ConcurrentDictionary<string, TransactionEntry> _entries = new(StringComparer.Ordinal);

    internal TransactionCoordinator(
        LogStore store, TopicRegistry topics, OffsetStore offsets, ProducerIds producerIds, TimeProvider time, BrokerOptions options)
    {
        _store = store;
        _topics = topics;
        _offsets = offsets;
        _producerIds = producerIds;
        _time = time;
        _openedAt = time.GetTimestamp();
        _openedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        _maxTimeoutMs = (int)options.MaxTransactionTimeout.TotalMilliseconds;
        _idExpirationMs = (long)options.TransactionalIdExpiry.TotalMilliseconds;
        _patience = options.Groups.WriteTimeout;
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
            return await FreshIdentityAsync().WithinAsync(_patience, _time, Unavailable);
        if (transactionalId.Length == 0)
            return ProducerIdentity.Refused(ErrorCode.InvalidRequest);
        if (timeoutMs <= 0 || timeoutMs > _maxTimeoutMs)
            return ProducerIdentity.Refused(ErrorCode.InvalidTransactionTimeout);
        return await InTurnAsync(transactionalId, create: true, async entry =>
        {
            var identity = await InitializeAsync(entry, timeoutMs, expected);
            if (identity.Error == ErrorCode.None)
                entry.LocalHolder = null;
            return identity;
        }, ProducerIdentity.Refused);
    }

    /// <summary>Adds partitions to the producer's transaction, opening it if needed (AddPartitionsToTxn).</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The caller's producer id.</param>
    /// <param name="epoch">The caller's epoch.</param>
    /// <param name="partitions">What joins.</param>
    /// <param name="bumpsEpochs">Whether the client takes part in epoch bumps (KIP-890).</param>
    public async ValueTask<ErrorCode> AddPartitionsAsync(
        string transactionalId, long producerId, short epoch, IReadOnlyCollection<TopicPartition> partitions, bool bumpsEpochs = false)
    {
        if (transactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        return await InTurnAsync(transactionalId, create: false, entry => CarryOutAsync(
            entry, TransactionMachine.AddPartitions(entry.State, producerId, epoch, partitions, bumpsEpochs, NowMs)),
            static error => error);
    }

    /// <summary>
    /// Whether a partition belongs to the producer's open transaction (AddPartitionsToTxn from version 4, <c>VerifyOnly</c>).
    /// </summary>
    public async ValueTask<ErrorCode> VerifyAsync(string transactionalId, long producerId, short epoch, TopicPartition partition)
    {
        if (transactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        return await InTurnAsync(
            transactionalId, create: false, entry => new(TransactionMachine.Verify(entry.State, producerId, epoch, partition)),
            static e => e);
    }

    /// <summary>Adds a group's offsets to the producer's transaction (AddOffsetsToTxn).</summary>
    public async ValueTask<ErrorCode> AddOffsetsAsync(string transactionalId, long producerId, short epoch, string groupId) =>
        await _offsets.FindPartitionOfAsync(groupId) is { } partition
            ? await AddPartitionsAsync(transactionalId, producerId, epoch, [partition.Name])
            : ErrorCode.CoordinatorNotAvailable;

    /// <summary>
    /// Commits or aborts the producer's transaction (EndTxn). With <paramref name="bumpEpoch"/> (EndTxn 5, KIP-890) the answer holds the
    /// producer id and epoch of the next transaction.
    /// </summary>
    public async ValueTask<ProducerIdentity> EndAsync(string transactionalId, long producerId, short epoch, bool commit, bool bumpEpoch)
    {
        if (transactionalId.Length == 0)
            return ProducerIdentity.Refused(ErrorCode.InvalidRequest);
        return await InTurnAsync(transactionalId, create: false, async entry =>
        {
            var step = bumpEpoch
                ? TransactionMachine.EndAndBump(entry.State, producerId, epoch, commit, await FreshIdAsync(entry), NowMs)
                : TransactionMachine.End(entry.State, producerId, epoch, commit, NowMs);
            return await IdentityAfterAsync(entry, step);
        }, ProducerIdentity.Refused);
    }

    /// <summary>
    /// Appends a transactional batch after verifying that its partition belongs to the producer's open transaction; from clients that say
    /// so (Produce 12, KIP-890) it joins the transaction instead.
    /// </summary>
    public async ValueTask<AppendResult> AppendAsync(
        string transactionalId, Partition partition, ReadOnlyMemory<byte> batch, RequiredAcks acks, TransactionSupport support,
        int timeoutMs = Timeout.Infinite, LeasedBuffer? owner = null)
    {
        if (!RecordBatchHeader.TryRead(batch.Span, out var header))
            return AppendResult.Refused(ErrorCode.CorruptMessage);
        var (producerId, epoch) = (header.ProducerId, header.ProducerEpoch);
        if (!header.Attributes.IsTransactional || partition.HasOpenTransaction(producerId, epoch))
            return await partition.AppendAsync(batch, acks, timeoutMs, owner);
        var verification = new Verification(partition.MarkersOf(producerId), support == TransactionSupport.AddsPartitions);
        var error = support == TransactionSupport.AddsPartitions
            ? await AddPartitionsAsync(transactionalId, producerId, epoch, [partition.Name], bumpsEpochs: true)
            : await VerifyAsync(transactionalId, producerId, epoch, partition.Name);
        return error == ErrorCode.None
            ? await partition.AppendAsync(batch, acks, verification, timeoutMs, owner)
            : AppendResult.Refused(TransactionErrors.ForProduce(error, support));
    }

    /// <summary>
    /// Writes a group's offsets as part of the producer's transaction (TxnOffsetCommit).
    /// </summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The caller's producer id.</param>
    /// <param name="epoch">The caller's epoch.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="offsets">What is to be committed with the transaction.</param>
    /// <param name="support">What the client knows of KIP-890.</param>
    /// <param name="asMember">
    /// Checks member and generation and, in the same step of the group, starts the write, which has taken effect on the group's offsets
    /// when it first waits: no rebalance comes between (KIP-447).
    /// </param>
    public async ValueTask<ErrorCode> CommitOffsetsAsync(
        string transactionalId, long producerId, short epoch, string groupId, IReadOnlyList<OffsetToCommit> offsets,
        TransactionSupport support, Func<Func<Task<ErrorCode>>, Task<ErrorCode>> asMember)
    {
        if (transactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        if (offsets.Count == 0)
            return ErrorCode.None;
        if (await _offsets.FindPartitionOfAsync(groupId) is not { } partition)
            return ErrorCode.CoordinatorNotAvailable;
        return await InTurnAsync(transactionalId, create: false, async entry =>
        {
            var error = support == TransactionSupport.AddsPartitions
                ? await CarryOutAsync(
                    entry, TransactionMachine.AddPartitions(entry.State, producerId, epoch, [partition.Name], bumpsEpochs: true, NowMs))
                : TransactionMachine.Verify(entry.State, producerId, epoch, partition.Name);
            return error == ErrorCode.None
                ? await asMember(() => WriteOffsetsAsync(partition, producerId, epoch, groupId, offsets).AsTask())
                : TransactionErrors.ForWriter(error, support);
        }, static error => error);
    }

    /// <summary>
    /// Writes a marker that comes from outside (WriteTxnMarkers): how an operator ends a transaction that hangs in a partition.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="producerId">The producer whose transaction ends.</param>
    /// <param name="epoch">Its epoch; a lower one than the partition knows is refused.</param>
    /// <param name="marker">The outcome, and the epoch of the coordinator that decided it.</param>
    /// <param name="raisesEpoch">Whether the epoch has to be higher than that of the transaction (KIP-1228).</param>
    public async ValueTask<ErrorCode> WriteMarkerAsync(
        Partition partition, long producerId, short epoch, TransactionMarker marker, bool raisesEpoch)
    {
        var error = await partition.AppendMarkerAsync(producerId, epoch, marker, raisesEpoch);
        if (error == ErrorCode.None && partition.Name.Topic == TopicName.ConsumerOffsets)
            _offsets.EndTransaction(partition.Name.Partition, producerId, marker.Commit);
        return error;
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

    /// <summary>
    /// The coordinator's time, in milliseconds since 1970: the time of day when it was opened, and what has passed since. When the clock is
    /// set meanwhile, no transaction is overdue for that.
    /// </summary>
    internal long NowMs => _openedMs + (long)_time.GetElapsedTime(_openedAt).TotalMilliseconds;

    /// <summary>Takes the id for a producer in this process.</summary>
    internal async ValueTask<(ErrorCode Error, LocalProducer? Producer)> OpenLocalAsync(string transactionalId, int timeoutMs)
    {
        if (timeoutMs <= 0 || timeoutMs > _maxTimeoutMs)
            return (ErrorCode.InvalidTransactionTimeout, null);
        using var turn = await EnterAsync(transactionalId, create: true);
        var entry = turn.Entry!;
        var identity = await InitializeAsync(entry, timeoutMs, expected: null);
        if (identity.Error != ErrorCode.None)
            return (identity.Error, null);
        entry.LocalHolder = new LocalProducer(transactionalId, identity.ProducerId, identity.ProducerEpoch);
        return (ErrorCode.None, entry.LocalHolder);
    }

    private static ProducerIdentity Unavailable => ProducerIdentity.Refused(ErrorCode.CoordinatorNotAvailable);

    private async ValueTask<ProducerIdentity> FreshIdentityAsync() => new(ErrorCode.None, await _producerIds.NextAsync(), 0);

    /// <summary>
    /// Takes a step for a client, who is told in time when the disk hangs: <see cref="ErrorCode.ConcurrentTransactions"/> while another
    /// step has the turn, <see cref="ErrorCode.CoordinatorNotAvailable"/> when the step itself takes
    /// long. It then keeps the turn until it has ended.
    /// </summary>
    private async ValueTask<T> InTurnAsync<T>(
        string transactionalId, bool create, Func<TransactionEntry, ValueTask<T>> step, Func<ErrorCode, T> refused)
    {
        if (await TryEnterAsync(transactionalId, create, _patience) is not { } turn)
            return refused(ErrorCode.ConcurrentTransactions);
        return turn.Entry is null
            ? refused(ErrorCode.InvalidProducerIdMapping)
            : await TakeStepAsync(turn, step).WithinAsync(_patience, _time, refused(ErrorCode.CoordinatorNotAvailable));
    }

    private static async ValueTask<T> TakeStepAsync<T>(TransactionEntry.Turn turn, Func<TransactionEntry, ValueTask<T>> step)
    {
        using (turn)
            return await step(turn.Entry!);
    }

    /// <summary>Waits for the turn at a transactional id; at no entry when the id is unknown and is not to be created.</summary>
    private async ValueTask<TransactionEntry.Turn> EnterAsync(string transactionalId, bool create) =>
        (await TryEnterAsync(transactionalId, create, Timeout.InfiniteTimeSpan)).GetValueOrDefault();

    /// <summary>As <see cref="EnterAsync"/>, for so long; null when others had the turn all the time.</summary>
    private async ValueTask<TransactionEntry.Turn?> TryEnterAsync(string transactionalId, bool create, TimeSpan limit)
    {
        while (true)
        {
            TransactionEntry? entry;
            if (create)
                entry = _entries.GetOrAdd(transactionalId, static id => new TransactionEntry(id));
            else if (!_entries.TryGetValue(transactionalId, out entry))
                return default(TransactionEntry.Turn);
            var turn = await entry.TryEnterAsync(limit, _time);
            if (!entry.IsForgotten || turn is null)
                return turn;
            turn.Value.Dispose();
        }
    }

    private async ValueTask<ProducerIdentity> InitializeAsync(TransactionEntry entry, int timeoutMs, (long Id, short Epoch)? expected) =>
        await IdentityAfterAsync(entry, TransactionMachine.Initialize(
            entry.State, entry.TransactionalId, expected, timeoutMs, await FreshIdAsync(entry), NowMs));

    private async ValueTask<long> FreshIdAsync(TransactionEntry entry) =>
        TransactionMachine.NeedsFreshId(entry.State) ? await _producerIds.NextAsync() : -1;

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
        catch (KafkaException e)
        {
            return e.Code; // of its topic
        }
        catch (Exception e) when (e is StorageFailedException or DiskFullException)
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
            var durable = write.Enqueue();
            // From here on who asks for stable offsets waits for the transaction's end, also while this is not durable yet.
            _offsets.AddPending(producerId, groupId, records, write.Offsets[0]);
            await durable;
            return ErrorCode.None;
        }
        catch (Exception e) when (e is StorageFailedException or DiskFullException)
        {
            return ErrorCode.KafkaStorageError;
        }
    }

    /// <exception cref="KafkaException"><see cref="ErrorCode.CoordinatorNotAvailable"/>: the topic is
    /// not there and cannot be made.</exception>
    private async ValueTask<Partition> StatePartitionAsync(string transactionalId)
    {
        Topic topic;
        try
        {
            topic = await _topics.GetOrCreateAsync(TopicName.TransactionState);
        }
        catch (KafkaException e)
        {
            throw new KafkaException(ErrorCode.CoordinatorNotAvailable, $"{TopicName.TransactionState} cannot be made: {e.Message}", e);
        }

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
