using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Transactions;

/// <summary>What a step comes to: an error, or a new state and the markers that must be written with it, atomically.</summary>
/// <param name="Error">Why the step is refused.</param>
/// <param name="Next">The state to store; null when nothing changes.</param>
/// <param name="Ending">The transaction to end, or null.</param>
public readonly record struct TransactionStep(ErrorCode Error, TransactionState? Next, EndingTransaction? Ending)
{
    internal static TransactionStep Refused(ErrorCode error) => new(error, null, null);

    internal static TransactionStep Unchanged => default;

    internal static TransactionStep To(TransactionState next, EndingTransaction? ending = null) => new(ErrorCode.None, next, ending);
}

/// <summary>The markers of an ending transaction.</summary>
/// <param name="ProducerId">The producer that had it open.</param>
/// <param name="MarkerEpoch">The epoch of the markers; a raised one fences late appends of the producer (KIP-890).</param>
/// <param name="Commit">Commit or abort.</param>
/// <param name="Partitions">Where the markers go.</param>
public sealed record EndingTransaction(long ProducerId, short MarkerEpoch, bool Commit, IReadOnlyCollection<TopicPartition> Partitions);
