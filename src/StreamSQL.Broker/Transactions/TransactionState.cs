using System.Collections.Immutable;
using StreamSQL.Kafka.Client;

namespace StreamSQL.Broker.Transactions;

/// <summary>Where a transactional id stands, by Kafka's numbers (KIP-98, KIP-890).</summary>
public enum TransactionStatus : sbyte
{
    /// <summary>No transaction yet.</summary>
    Empty = 0,

    /// <summary>A transaction is open.</summary>
    Ongoing = 1,

    /// <summary>Committing; never stored here, since the markers and the outcome are one atomic write.</summary>
    PrepareCommit = 2,

    /// <summary>Aborting; never stored here, see <see cref="PrepareCommit"/>.</summary>
    PrepareAbort = 3,

    /// <summary>The last transaction was committed.</summary>
    CompleteCommit = 4,

    /// <summary>The last transaction was aborted.</summary>
    CompleteAbort = 5,

    /// <summary>Being forgotten; never stored here, since the tombstone is one write.</summary>
    Dead = 6,

    /// <summary>Being fenced; never stored here, see <see cref="PrepareCommit"/>.</summary>
    PrepareEpochFence = 7,
}

/// <summary>All that the coordinator knows of a transactional id. Immutable: every step makes a new one.</summary>
public sealed record TransactionState
{
    /// <summary>The id that the application chose.</summary>
    public required string TransactionalId { get; init; }

    /// <summary>The producer that holds the id.</summary>
    public required long ProducerId { get; init; }

    /// <summary>Its epoch: whoever comes with a lower one is fenced.</summary>
    public required short ProducerEpoch { get; init; }

    /// <summary>The producer id of the last transaction when its end brought a new one (epochs used up); -1 otherwise.</summary>
    public long PreviousProducerId { get; init; } = -1;

    /// <summary>
    /// The epoch that the holder had before it asked for a higher one: the same wish again is a repeat (KIP-360), also after a restart. -1
    /// when there is none.
    /// </summary>
    public short LastEpoch { get; init; } = -1;

    /// <summary>How long a transaction may stay open, in milliseconds.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>Where it stands.</summary>
    public required TransactionStatus Status { get; init; }

    /// <summary>The partitions of the open transaction.</summary>
    public ImmutableHashSet<TopicPartition> Partitions { get; init; } = [];

    /// <summary>When the open transaction, or the one before, began, in milliseconds since 1970; -1 before the first.</summary>
    public long StartMs { get; init; } = -1;

    /// <summary>When the state last changed.</summary>
    public long UpdateMs { get; init; }

    /// <summary>
    /// Whether the client of the open transaction takes part in epoch bumps (KIP-890), or the last one ended with one, so that a repeated
    /// end is recognised by the old epoch.
    /// </summary>
    public bool BumpsEpochs { get; init; }
}
