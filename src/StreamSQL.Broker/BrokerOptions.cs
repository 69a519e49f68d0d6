using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Topics;
using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Broker;

/// <summary>Settings of the embedded broker.</summary>
public sealed record BrokerOptions
{
    /// <summary>The broker's node id.</summary>
    public int NodeId { get; init; } = 1;

    /// <summary><c>broker.rack</c>: where the broker stands; null when that is not said.</summary>
    public string? Rack { get; init; }

    /// <summary><c>log.flush.policy</c>: what acknowledged writes survive in topics that do not say.</summary>
    public FlushPolicy FlushPolicy { get; init; }

    /// <summary>Storage bounds.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>Bounds of the log cleaner.</summary>
    public LogCleanerOptions Cleaner { get; init; } = new();

    /// <summary>Defaults of new topics, and limits.</summary>
    public TopicDefaults Topics { get; init; } = new();

    /// <summary>Which topics clients of the listeners are kept from.</summary>
    public TopicGuard Guard { get; init; } = TopicGuard.None;

    /// <summary>Limits of consumer groups.</summary>
    public GroupOptions Groups { get; init; } = new();

    /// <summary><c>auto.create.topics.enable</c>.</summary>
    public bool AutoCreateTopics { get; init; } = true;

    /// <summary>How often retention is applied.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>producer.id.expiration.ms</c>: how long a silent producer is remembered.</summary>
    public TimeSpan ProducerExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary><c>transaction.max.timeout.ms</c>.</summary>
    public TimeSpan MaxTransactionTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The level of <c>transaction.version</c> in force: 2 lets clients raise their epoch with each transaction (KIP-890), 0 keeps them to
    /// the older protocol. Both are served, whatever stands here.
    /// </summary>
    public short TransactionVersion { get; init; } = 2;

    /// <summary><c>transactional.id.expiration.ms</c>: how long a transactional id without a transaction is remembered.</summary>
    public TimeSpan TransactionalIdExpiry { get; init; } = TimeSpan.FromDays(7);
}
