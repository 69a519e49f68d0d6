using StreamSQL.Kafka;

namespace StreamSQL.Broker.Transactions;

/// <summary>What the client behind a Produce or TxnOffsetCommit request knows of KIP-890, by the request's version.</summary>
public enum TransactionSupport
{
    /// <summary>It adds partitions beforehand and knows the error codes of old (Produce to 10, TxnOffsetCommit to 3).</summary>
    Original,

    /// <summary>It also knows <see cref="ErrorCode.TransactionAbortable"/> (Produce 11, TxnOffsetCommit 4).</summary>
    KnowsAbortable,

    /// <summary>
    /// What it writes joins its partition to the transaction, and its epoch rises with each (Produce 12, TxnOffsetCommit 5).
    /// </summary>
    AddsPartitions,
}

/// <summary>The coordinator's refusals as clients of each version understand them.</summary>
internal static class TransactionErrors
{
    /// <summary>For who writes records or offsets: a fenced one learns it by the code that producers know from partitions.</summary>
    public static ErrorCode ForWriter(ErrorCode error, TransactionSupport support) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when support == TransactionSupport.Original => ErrorCode.InvalidTxnState,
        ErrorCode.ConcurrentTransactions when support != TransactionSupport.AddsPartitions => ErrorCode.NotEnoughReplicas,
        _ => error,
    };

    /// <summary>For who writes records, as <see cref="ForWriter"/>; producers do not know a code that is told of coordinators.</summary>
    public static ErrorCode ForProduce(ErrorCode error, TransactionSupport support) =>
        error == ErrorCode.CoordinatorNotAvailable ? ErrorCode.NotEnoughReplicas : ForWriter(error, support);

    /// <summary>
    /// For who speaks with the coordinator: <see cref="ErrorCode.ProducerFenced"/> came with a later version of each request.
    /// </summary>
    public static ErrorCode ForVersion(ErrorCode error, short version, short firstThatKnowsFenced) =>
        error == ErrorCode.ProducerFenced && version < firstThatKnowsFenced ? ErrorCode.InvalidProducerEpoch : error;
}
