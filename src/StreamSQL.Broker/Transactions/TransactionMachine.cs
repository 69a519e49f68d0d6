using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Transactions;

/// <summary>
/// The rules of a transactional id as pure functions: (state, event) to step. A fresh producer id comes in from outside for the case that
/// epochs are used up.
/// </summary>
public static class TransactionMachine
{
    // The last epoch stays free, so that a transaction can always be ended by a fencing bump.
    private const short LastUsableEpoch = short.MaxValue - 1;

    /// <summary>Whether the step after this state may need a fresh producer id.</summary>
    public static bool NeedsFreshId(TransactionState? state) => state is null || state.ProducerEpoch >= LastUsableEpoch;

    /// <summary>
    /// A producer takes the id (InitProducerId): the holder before it is fenced by a higher epoch, and what it left open is aborted.
    /// </summary>
    /// <param name="state">The state, or null for a new id.</param>
    /// <param name="transactionalId">The id.</param>
    /// <param name="expected">The producer id and epoch that the client has (KIP-360), or null.</param>
    /// <param name="timeoutMs">How long its transactions may stay open.</param>
    /// <param name="freshId">An unused producer id.</param>
    /// <param name="nowMs">The present time.</param>
    public static TransactionStep Initialize(
        TransactionState? state, string transactionalId, (long Id, short Epoch)? expected, int timeoutMs, long freshId, long nowMs)
    {
        if (state is null)
        {
            return TransactionStep.To(new TransactionState
            {
                TransactionalId = transactionalId,
                ProducerId = freshId,
                ProducerEpoch = 0,
                TimeoutMs = timeoutMs,
                Status = TransactionStatus.Empty,
                UpdateMs = nowMs,
            });
        }

        if (expected is { } known && (known.Id != state.ProducerId || known.Epoch != state.ProducerEpoch))
            return TransactionStep.Refused(ErrorCode.ProducerFenced);
        var (id, epoch, markerEpoch) = Bump(state, freshId);
        var next = state with
        {
            ProducerId = id,
            ProducerEpoch = epoch,
            PreviousProducerId = -1,
            TimeoutMs = timeoutMs,
            Status = TransactionStatus.Empty,
            Partitions = [],
            StartMs = -1,
            UpdateMs = nowMs,
            BumpsEpochs = false,
        };
        return TransactionStep.To(next, Ending(state, markerEpoch, commit: false));
    }

    /// <summary>Partitions join the transaction, opening it if needed (AddPartitionsToTxn, or implied by an append, KIP-890).</summary>
    public static TransactionStep AddPartitions(
        TransactionState? state, long producerId, short epoch, IReadOnlyCollection<TopicPartition> partitions, long nowMs)
    {
        if (CheckProducer(state, producerId, epoch) is var error && error != ErrorCode.None)
            return TransactionStep.Refused(error);
        var joined = state!.Partitions.Union(partitions);
        if (state.Status == TransactionStatus.Ongoing && joined.Count == state.Partitions.Count)
            return TransactionStep.Unchanged;
        return TransactionStep.To(state with
        {
            Status = TransactionStatus.Ongoing,
            Partitions = joined,
            StartMs = state.Status == TransactionStatus.Ongoing ? state.StartMs : nowMs,
            UpdateMs = nowMs,
        });
    }

    /// <summary>Whether a partition belongs to the producer's open transaction.</summary>
    public static ErrorCode Verify(TransactionState? state, long producerId, short epoch, TopicPartition partition)
    {
        var error = CheckProducer(state, producerId, epoch);
        if (error != ErrorCode.None)
            return error;
        var belongs = state!.Status == TransactionStatus.Ongoing && state.Partitions.Contains(partition);
        return belongs ? ErrorCode.None : ErrorCode.TransactionAbortable;
    }

    /// <summary>The producer ends its transaction (EndTxn).</summary>
    /// <param name="state">The state.</param>
    /// <param name="producerId">The caller's producer id.</param>
    /// <param name="epoch">The caller's epoch.</param>
    /// <param name="commit">Commit or abort.</param>
    /// <param name="bumpEpoch">Whether the client takes part in epoch bumps (EndTxn 5, KIP-890).</param>
    /// <param name="freshId">An unused producer id.</param>
    /// <param name="nowMs">The present time.</param>
    public static TransactionStep End(
        TransactionState? state, long producerId, short epoch, bool commit, bool bumpEpoch, long freshId, long nowMs)
    {
        if (state is null)
            return TransactionStep.Refused(ErrorCode.InvalidProducerIdMapping);
        var outcome = commit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort;
        if (IsRepeatedEnd(state, producerId, epoch))
            return state.Status == outcome ? TransactionStep.Unchanged : TransactionStep.Refused(ErrorCode.InvalidTxnState);
        var error = CheckProducer(state, producerId, epoch);
        if (error != ErrorCode.None)
            return TransactionStep.Refused(error);
        // A client that bumps epochs may abort a transaction of which nothing reached the broker.
        if (state.Status != TransactionStatus.Ongoing && !(bumpEpoch && !commit))
            return TransactionStep.Refused(ErrorCode.InvalidTxnState);
        var (nextId, nextEpoch, markerEpoch) = bumpEpoch ? Bump(state, freshId) : (producerId, epoch, epoch);
        var next = state with
        {
            ProducerId = nextId,
            ProducerEpoch = nextEpoch,
            PreviousProducerId = nextId == producerId ? -1 : producerId,
            Status = outcome,
            Partitions = [],
            StartMs = -1,
            UpdateMs = nowMs,
            BumpsEpochs = bumpEpoch,
        };
        return TransactionStep.To(next, Ending(state, markerEpoch, commit));
    }

    /// <summary>Aborts a transaction that has been open too long, and fences its producer.</summary>
    public static TransactionStep Expire(TransactionState state, long freshId, long nowMs)
    {
        if (state.Status != TransactionStatus.Ongoing || nowMs - state.StartMs < state.TimeoutMs)
            return TransactionStep.Unchanged;
        var (id, epoch, markerEpoch) = Bump(state, freshId);
        var next = state with
        {
            ProducerId = id,
            ProducerEpoch = epoch,
            PreviousProducerId = -1,
            Status = TransactionStatus.CompleteAbort,
            Partitions = [],
            StartMs = -1,
            UpdateMs = nowMs,
            BumpsEpochs = false,
        };
        return TransactionStep.To(next, Ending(state, markerEpoch, commit: false));
    }

    /// <summary>Whether the caller is the producer that holds the id.</summary>
    public static ErrorCode CheckProducer(TransactionState? state, long producerId, short epoch)
    {
        if (state is null || state.ProducerId != producerId)
            return ErrorCode.InvalidProducerIdMapping;
        return state.ProducerEpoch == epoch ? ErrorCode.None : ErrorCode.ProducerFenced;
    }

    private static bool IsRepeatedEnd(TransactionState state, long producerId, short epoch)
    {
        if (state.Status is not (TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort))
            return false;
        if (!state.BumpsEpochs)
            return producerId == state.ProducerId && epoch == state.ProducerEpoch;
        return state.PreviousProducerId >= 0
            ? producerId == state.PreviousProducerId
            : producerId == state.ProducerId && epoch == state.ProducerEpoch - 1;
    }

    /// <summary>The next producer id and epoch, and the epoch for markers of what is open now.</summary>
    private static (long Id, short Epoch, short MarkerEpoch) Bump(TransactionState state, long freshId)
    {
        var raised = (short)(state.ProducerEpoch + 1);
        return state.ProducerEpoch < LastUsableEpoch ? (state.ProducerId, raised, raised) : (freshId, (short)0, raised);
    }

    private static EndingTransaction? Ending(TransactionState state, short markerEpoch, bool commit) =>
        state.Status == TransactionStatus.Ongoing ? new EndingTransaction(state.ProducerId, markerEpoch, commit, state.Partitions) : null;
}
