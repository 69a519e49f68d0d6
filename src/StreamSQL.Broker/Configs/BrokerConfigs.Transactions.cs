using Type = StreamSQL.Broker.Configs.ConfigType;

namespace StreamSQL.Broker.Configs;

/// <content>Transactions and idempotent producers.</content>
public static partial class BrokerConfigs
{
    private static ConfigDefinition[] Transactions =>
    [
        new("add.partitions.to.txn.retry.backoff.max.ms", Type.Int, "100",
            "How long adding a partition is tried again while the coordinator is busy.")
        { Minimum = 0 },
        new("add.partitions.to.txn.retry.backoff.ms", Type.Int, "20", "How long to wait between two such tries.") { Minimum = 1 },
        new("producer.id.expiration.ms", Type.Int, "86400000", "How long a silent producer is remembered.") { Minimum = 1 },
        new("transaction.abort.timed.out.transaction.cleanup.interval.ms", Type.Int, "10000",
            "How often timed out transactions are looked for.")
        { Minimum = 1 },
        new("transaction.max.timeout.ms", Type.Int, "900000", "The longest timeout that a transactional producer may ask for.")
        { Minimum = 1 },
        new("transaction.partition.verification.enable", Type.Boolean, "true",
            "Whether it is checked that a partition belongs to the transaction before it is written to."),
        new("transaction.remove.expired.transaction.cleanup.interval.ms", Type.Int, "3600000",
            "How often expired transactional ids are looked for.")
        { Minimum = 1 },
        new("transaction.state.log.load.buffer.size", Type.Int, "5242880", "How much is read at once when transactions are loaded.")
        { Minimum = 1 },
        new("transaction.state.log.min.isr", Type.Int, "2", "In-sync replicas of the transaction topic.") { Minimum = 1 },
        new("transaction.state.log.num.partitions", Type.Int, "50", "Partitions of the transaction topic.") { Minimum = 1 },
        new("transaction.state.log.replication.factor", Type.Short, "3", "Replicas of the transaction topic.") { Minimum = 1 },
        new("transaction.state.log.segment.bytes", Type.Int, "104857600", "Segments of the transaction topic.") { Minimum = 1 },
        new("transaction.two.phase.commit.enable", Type.Boolean, "false", "Whether transactions may take part in two-phase commits."),
        new("transactional.id.expiration.ms", Type.Int, "604800000", "How long a transactional id without a transaction is remembered.")
        { Minimum = 1 },
    ];
}
