using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Cleaning;

namespace StreamSQL.Broker.Partitions;

/// <summary>What the transaction coordinator said of an append before it was made (KIP-890).</summary>
/// <param name="Markers">How many of the producer's markers the partition had seen: one more, and the answer is void.</param>
/// <param name="BumpsEpochs">Whether the client's epoch rises with each transaction, so that its sequences begin at 0.</param>
internal readonly record struct Verification(int Markers, bool BumpsEpochs);

/// <summary>
/// The producers of one partition: what deduplication, epoch fencing and the last stable offset need. It follows from the log, batch by
/// batch, so it is rebuilt by a scan. Not thread-safe: the partition's gate guards it.
/// </summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerEntry> _producers = [];
    private readonly List<ProducerEntry> _open = []; // in the order in which their transactions begin

    public IReadOnlyDictionary<long, ProducerEntry> Producers => _producers;

    public AbortedTransactions Aborted { get; } = new();

    /// <summary>The first offset of the oldest open transaction; <see cref="long.MaxValue"/> without one.</summary>
    public long FirstOpenOffset => _open.Count == 0 ? long.MaxValue : _open[0].TransactionStart;

    public ProducerEntry? Find(long producerId) => _producers.GetValueOrDefault(producerId);

    /// <summary>
    /// Judges a client's batch: <see cref="ErrorCode.None"/> to append it; <see cref="ErrorCode.DuplicateSequenceNumber"/> when it was
    /// appended before, at <paramref name="duplicateOf"/>; else why it is refused (<see cref="ErrorCode.UnknownProducerId"/>: its sequence
    /// is that of a record in a transaction that has ended).
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="verification">What the transaction coordinator said of it; null when it was not asked.</param>
    /// <param name="duplicateOf">The offset of the original; -1 without one.</param>
    public ErrorCode Check(RecordBatchHeader batch, Verification? verification, out long duplicateOf)
    {
        duplicateOf = -1;
        if (!batch.HasProducerId)
            return ErrorCode.None;
        var producer = Find(batch.ProducerId);
        duplicateOf = producer?.FindDuplicate(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence) ?? -1;
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ForgetLastBatches))
            duplicateOf = -1;
#endif
        if (duplicateOf >= 0)
            return JudgeDuplicate(batch, producer!, ref duplicateOf);
        var isOpen = producer is { TransactionStart: >= 0 };
        if (batch.Attributes.IsTransactional && !(isOpen && producer!.Epoch == batch.ProducerEpoch)
            && verification?.Markers != (producer?.Markers ?? 0)
#if PLANTED_BUGS
            && !Planted.IsAwake(PlantedBug.TakeLateAppends)
#endif
            )
            return ErrorCode.InvalidTxnState;
        var error = CheckSequence(producer, batch, mustBeginAtZero: verification is { BumpsEpochs: true });
        if (error != ErrorCode.None)
            return error;
        return isOpen && !batch.Attributes.IsTransactional ? ErrorCode.InvalidTxnState : ErrorCode.None;
    }

    /// <summary>Judges a marker that does not come from this broker's coordinator.</summary>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">The marker's producer epoch.</param>
    /// <param name="marker">The marker.</param>
    /// <param name="raisesEpoch">Whether the epoch has to be higher than that of the transaction (KIP-1228).</param>
    public ErrorCode CheckMarker(long producerId, short epoch, TransactionMarker marker, bool raisesEpoch)
    {
        if (Find(producerId) is not { } producer)
            return ErrorCode.None;
        var lowest = raisesEpoch && producer.TransactionStart >= 0 ? producer.Epoch + 1 : producer.Epoch;
        if (epoch < lowest)
            return ErrorCode.InvalidProducerEpoch;
        return marker.CoordinatorEpoch < producer.CoordinatorEpoch ? ErrorCode.TransactionCoordinatorFenced : ErrorCode.None;
    }

    /// <summary>Takes in a batch as it stands in the log.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="baseOffset">Its offset.</param>
    /// <param name="nowMs">The broker's time, from which the producer's expiry counts.</param>
    public void Apply(RecordBatchHeader batch, long baseOffset, long nowMs)
    {
        if (!batch.HasProducerId)
            return;
        if (batch.Attributes.IsControl)
        {
            if (TransactionMarker.TryRead(batch, out var marker))
                ApplyMarker(batch.ProducerId, batch.ProducerEpoch, marker, baseOffset, nowMs);
            return;
        }

        var producer = FindOrAdd(batch.ProducerId);
        if (batch.BaseSequence >= 0)
            producer.Add(batch.ProducerEpoch, new ProducedBatch(batch.BaseSequence, batch.LastSequence, baseOffset), nowMs);
        else
            producer.SetEpoch(batch.ProducerEpoch); // offsets that a coordinator commits for a producer carry no sequence
        if (batch.Attributes.IsTransactional && producer.TransactionStart < 0)
        {
            producer.TransactionStart = baseOffset;
            _open.Add(producer);
        }
    }

    /// <summary>Ends a producer's open transaction; returns where it began, or -1 without one.</summary>
    public long ApplyMarker(long producerId, short epoch, TransactionMarker marker, long offset, long nowMs)
    {
        var producer = FindOrAdd(producerId);
        producer.SetEpoch(epoch);
        producer.CoordinatorEpoch = marker.CoordinatorEpoch;
        producer.Markers++;
        producer.LastTimestamp = nowMs;
        var start = producer.TransactionStart;
        if (start < 0)
            return start;
        _open.Remove(producer);
#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.ForgetAborted))
#endif
        if (!marker.Commit)
            Aborted.Add(new AbortedRange(producerId, start, offset), Math.Min(FirstOpenOffset, offset + 1));
        producer.TransactionStart = -1;
        return start;
    }

    /// <summary>Forgets producers that have been silent since a time and have nothing open.</summary>
    public void Expire(long beforeMs)
    {
        foreach (var (id, producer) in _producers)
        {
            if (producer.LastTimestamp < beforeMs && producer.TransactionStart < 0)
                _producers.Remove(id);
        }
    }

    /// <summary>Takes in a producer from a snapshot.</summary>
    public void Restore(ProducerEntry producer)
    {
        _producers[producer.ProducerId] = producer;
        if (producer.TransactionStart < 0)
            return;
        _open.Add(producer);
        _open.Sort(static (a, b) => a.TransactionStart.CompareTo(b.TransactionStart));
    }

    public ProducerEntry FindOrAdd(long producerId)
    {
        if (!_producers.TryGetValue(producerId, out var producer))
            _producers.Add(producerId, producer = new ProducerEntry(producerId));
        return producer;
    }

    // A transaction ends only when its records are answered, so who sends one again means the open transaction. What has the sequence of a
    // record in an ended one is another record, which must not be told that it is there: librdkafka gives the sequences of messages that it
    // purges at an abort out again, although one of them may have been appended and its answer lost. By
    // this code it aborts and takes a new epoch.
    private static ErrorCode JudgeDuplicate(RecordBatchHeader batch, ProducerEntry producer, ref long duplicateOf)
    {
        if (!batch.Attributes.IsTransactional || (producer.TransactionStart >= 0 && duplicateOf >= producer.TransactionStart))
            return ErrorCode.DuplicateSequenceNumber;
        duplicateOf = -1;
        return ErrorCode.UnknownProducerId;
    }

    private static ErrorCode CheckSequence(ProducerEntry? producer, RecordBatchHeader batch, bool mustBeginAtZero)
    {
        // A producer whose epoch rises with each transaction begins anew in each.
        if (mustBeginAtZero && batch.BaseSequence != 0 && producer is null or { Count: 0 })
            return ErrorCode.OutOfOrderSequenceNumber;
        if (producer is not { Epoch: >= 0 })
            return ErrorCode.None; // unknown (new, or expired): any sequence may begin
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.IgnoreProducerEpoch) && batch.ProducerEpoch < producer.Epoch)
            return ErrorCode.None;
        if (Planted.IsAwake(PlantedBug.AcceptSequenceGaps))
            return ErrorCode.None;
#endif
        if (batch.ProducerEpoch < producer.Epoch)
            return ErrorCode.InvalidProducerEpoch;
        var next = batch.ProducerEpoch > producer.Epoch ? 0 : ProducerSequence.Add(producer.LastSequence, 1);
        if (batch.BaseSequence == next)
            return ErrorCode.None;
        return IsGivenOutAgain(batch, producer, next) ? ErrorCode.UnknownProducerId : ErrorCode.OutOfOrderSequenceNumber;
    }

    // The same as above where the purged messages and the new ones were cut into batches otherwise, so that they only overlap: a gap would
    // be fatal to the client, and nothing was lost.
    private static bool IsGivenOutAgain(RecordBatchHeader batch, ProducerEntry producer, int next) =>
        batch.Attributes.IsTransactional && producer.TransactionStart < 0 && batch.ProducerEpoch == producer.Epoch
        && ((next - batch.BaseSequence) & int.MaxValue) < int.MaxValue / 2;
}
