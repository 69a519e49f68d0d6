using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Transactions;

/// <summary>
/// The rules of a transactional id as pure functions: (state, event) to step. A fresh producer id comes in from outside for the case that
/// epochs are used up. Kafka's two-step ends (prepare, then complete) are one step here.
/// </summary>
public static class TransactionMachine
{
    // The last epoch stays free, so that a transaction can always be ended by a fencing bump.
    private const short LastUsableEpoch = short.MaxValue - 1;

    /// <summary>Whether the step after this state may need a fresh producer id.</summary>
    public static bool NeedsFreshId(TransactionState? state) => state is null || state.ProducerEpoch >= LastUsableEpoch;

    /// <summary>
    /// A producer takes the id (InitProducerId): the holder before it is fenced by a higher epoch, and what it left open is aborted. A
    /// producer that says what it holds goes on with a higher epoch, unless another has taken the id (KIP-360).
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
            // Also for a producer whose id was forgotten (transactional.id.expiration.ms): nothing of it can be open.
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

        if (expected is { } held && (held.Id != state.ProducerId || held.Epoch != state.ProducerEpoch))
        {
            return IsRepeatedInitialize(state, held)
                ? TransactionStep.To(state with { Status = TransactionStatus.Empty, TimeoutMs = timeoutMs, StartMs = -1, UpdateMs = nowMs })
                : TransactionStep.Refused(ErrorCode.ProducerFenced);
        }

        var (id, epoch, markerEpoch) = Bump(state, freshId);
        var next = state with
        {
            ProducerId = id,
            ProducerEpoch = epoch,
            PreviousProducerId = id == state.ProducerId ? -1 : state.ProducerId,
            LastEpoch = expected is null ? NoEpoch : state.ProducerEpoch,
            TimeoutMs = timeoutMs,
            Status = TransactionStatus.Empty,
            Partitions = [],
            StartMs = -1,
            UpdateMs = nowMs,
            BumpsEpochs = false,
        };
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.LeaveOpenAtInitialize))
            return TransactionStep.To(next);
#endif
        return TransactionStep.To(next, Ending(state, markerEpoch, commit: false));
    }

    /// <summary>Partitions join the transaction, opening it if needed (AddPartitionsToTxn, or implied by an append, KIP-890).</summary>
    /// <param name="state">The state.</param>
    /// <param name="producerId">The caller's producer id.</param>
    /// <param name="epoch">The caller's epoch.</param>
    /// <param name="partitions">What joins.</param>
    /// <param name="bumpsEpochs">Whether the client takes part in epoch bumps (KIP-890).</param>
    /// <param name="nowMs">The present time.</param>
    public static TransactionStep AddPartitions(
        TransactionState? state, long producerId, short epoch, IReadOnlyCollection<TopicPartition> partitions, bool bumpsEpochs, long nowMs)
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
            LastEpoch = NoEpoch, // who works in its epoch has been told it: the wish for it can only come late now
            StartMs = state.Status == TransactionStatus.Ongoing ? state.StartMs : nowMs,
            UpdateMs = nowMs,
            BumpsEpochs = bumpsEpochs,
        });
    }

    /// <summary>
    /// Whether a partition belongs to the producer's open transaction; <see cref="ErrorCode.TransactionAbortable"/> when it does not.
    /// </summary>
    public static ErrorCode Verify(TransactionState? state, long producerId, short epoch, TopicPartition partition)
    {
        var error = CheckProducer(state, producerId, epoch);
        if (error != ErrorCode.None)
            return error;
        var belongs = state!.Status == TransactionStatus.Ongoing && state.Partitions.Contains(partition);
        return belongs ? ErrorCode.None : ErrorCode.TransactionAbortable;
    }

    /// <summary>The producer ends its transaction (EndTxn 0 to 4). Said again, it is answered as the first time.</summary>
    /// <param name="state">The state.</param>
    /// <param name="producerId">The caller's producer id.</param>
    /// <param name="epoch">The caller's epoch.</param>
    /// <param name="commit">Commit or abort.</param>
    /// <param name="nowMs">The present time.</param>
    public static TransactionStep End(TransactionState? state, long producerId, short epoch, bool commit, long nowMs)
    {
        if (CheckProducer(state, producerId, epoch) is var error && error != ErrorCode.None)
            return TransactionStep.Refused(error);
        if (state!.Status != TransactionStatus.Ongoing)
            return state.Status == Outcome(commit) ? TransactionStep.Unchanged : TransactionStep.Refused(ErrorCode.InvalidTxnState);
        var next = state with
        {
            Status = Outcome(commit), Partitions = [], UpdateMs = nowMs, BumpsEpochs = false, PreviousProducerId = -1,
        };
        return TransactionStep.To(next, Ending(state, epoch, commit));
    }

    /// <summary>
    /// The producer ends its transaction and goes on with a higher epoch (EndTxn 5, KIP-890): whatever of this transaction comes late is
    /// fenced. An abort of a transaction of which nothing has reached the broker is carried out as well. Said again, it is known by the
    /// epoch before this one.
    /// </summary>
    /// <inheritdoc cref="End"/>
    public static TransactionStep EndAndBump(
        TransactionState? state, long producerId, short epoch, bool commit, long freshId, long nowMs)
    {
        if (state is not null && IsRepeatedEnd(state, producerId, epoch))
            return state.Status == Outcome(commit) ? TransactionStep.Unchanged : TransactionStep.Refused(ErrorCode.InvalidTxnState);
        if (CheckProducer(state, producerId, epoch) is var error && error != ErrorCode.None)
            return TransactionStep.Refused(error);
        if (state!.Status != TransactionStatus.Ongoing && commit)
            return TransactionStep.Refused(ErrorCode.InvalidTxnState);
        var (nextId, nextEpoch, markerEpoch) = Bump(state, freshId);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.KeepEpochAtEnd))
            (nextId, nextEpoch, markerEpoch) = (producerId, epoch, epoch);
#endif
        var next = state with
        {
            ProducerId = nextId,
            ProducerEpoch = nextEpoch,
            PreviousProducerId = nextId == producerId ? -1 : producerId,
            LastEpoch = epoch,
            Status = Outcome(commit),
            Partitions = [],
            StartMs = state.Status == TransactionStatus.Ongoing ? state.StartMs : nowMs,
            UpdateMs = nowMs,
            BumpsEpochs = true,
        };
        return TransactionStep.To(next, Ending(state, markerEpoch, commit));
    }

    /// <summary>Aborts a transaction that has been open too long, and fences its producer.</summary>
    public static TransactionStep Expire(TransactionState state, long freshId, long nowMs)
    {
        if (!IsOverdue(state, nowMs))
            return TransactionStep.Unchanged;
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ForgetTransactionTimeout))
            return TransactionStep.Unchanged;
#endif
        var (id, epoch, markerEpoch) = Bump(state, freshId);
        var next = state with
        {
            ProducerId = id,
            ProducerEpoch = epoch,
            PreviousProducerId = -1,
            LastEpoch = NoEpoch,
            Status = TransactionStatus.CompleteAbort,
            Partitions = [],
            UpdateMs = nowMs,
            BumpsEpochs = false, // so that the fenced producer's end is not taken for one said again
        };
        return TransactionStep.To(next, Ending(state, markerEpoch, commit: false));
    }

    /// <summary>Whether a transaction has been open for longer than it may.</summary>
    public static bool IsOverdue(TransactionState state, long nowMs) =>
        state.Status == TransactionStatus.Ongoing && nowMs - state.StartMs >= state.TimeoutMs;

    /// <summary>Whether an id has been without a transaction for so long that it is forgotten.</summary>
    public static bool IsForgotten(TransactionState state, long expirationMs, long nowMs) =>
        state.Status != TransactionStatus.Ongoing && nowMs - state.UpdateMs >= expirationMs;

    /// <summary>Whether the caller is the producer that holds the id.</summary>
    public static ErrorCode CheckProducer(TransactionState? state, long producerId, short epoch)
    {
        if (state is null || state.ProducerId != producerId)
            return ErrorCode.InvalidProducerIdMapping;
        return state.ProducerEpoch == epoch ? ErrorCode.None : ErrorCode.ProducerFenced;
    }

    private const short NoEpoch = -1;

    private static TransactionStatus Outcome(bool commit) => commit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort;

    /// <summary>Whether the client got no answer when it raised its epoch: it still holds what it held before.</summary>
    private static bool IsRepeatedInitialize(TransactionState state, (long Id, short Epoch) held)
    {
        var isFormerId = state.PreviousProducerId >= 0 && held.Id == state.PreviousProducerId && held.Epoch >= LastUsableEpoch;
        return (held.Id == state.ProducerId || isFormerId)
            && state.LastEpoch != NoEpoch && held.Epoch == state.LastEpoch
            && state.Status != TransactionStatus.Ongoing;
    }

    private static bool IsRepeatedEnd(TransactionState state, long producerId, short epoch)
    {
        if (!state.BumpsEpochs || state.Status is not (TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort))
            return false;
        return state.PreviousProducerId >= 0
            ? producerId == state.PreviousProducerId && epoch == LastUsableEpoch
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
