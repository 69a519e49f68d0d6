using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Transactions;

/// <summary>Names a transactional id.</summary>
internal sealed class TransactionLogKey
{
    public const short Type = 0;

    public string TransactionalId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<TransactionLogKey> Schema = new MessageSchema<TransactionLogKey>()
        .String("0+", static m => ref m.TransactionalId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<TransactionLogKey> Codec = new(Type, Schema);
}

/// <summary>The state of a transactional id.</summary>
internal sealed class TransactionLogValue
{
    public long ProducerId;
    public long PreviousProducerId = -1;
    public long NextProducerId = -1;
    public short ProducerEpoch;
    public short NextProducerEpoch = -1;
    public int TransactionTimeoutMs;
    public sbyte TransactionStatus;
    public List<Topic>? TransactionPartitions;
    public long TransactionLastUpdateTimestampMs;
    public long TransactionStartTimestampMs;
    public short ClientTransactionVersion;

    /// <summary>
    /// The epoch that the holder had before it asked for a higher one; -1 for none. Kafka's record does not have it, so Kafka fences a
    /// producer whose answer was lost together with the coordinator. Kafka skips tags that it does not know.
    /// </summary>
    public short LastProducerEpoch = -1;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<TransactionLogValue> Schema = new MessageSchema<TransactionLogValue>()
        .Int64("0+", static m => ref m.ProducerId)
        .Int64("1+", static m => ref m.PreviousProducerId, tag: 0)
        .Int64("1+", static m => ref m.NextProducerId, tag: 1)
        .Int16("0+", static m => ref m.ProducerEpoch)
        .Int16("1+", static m => ref m.NextProducerEpoch, tag: 3)
        .Int32("0+", static m => ref m.TransactionTimeoutMs)
        .Int8("0+", static m => ref m.TransactionStatus)
        .NullableArray("0+", static m => ref m.TransactionPartitions, Topic.Schema)
        .Int64("0+", static m => ref m.TransactionLastUpdateTimestampMs)
        .Int64("0+", static m => ref m.TransactionStartTimestampMs)
        .Int16("1+", static m => ref m.ClientTransactionVersion, tag: 2)
        .Int16("1+", static m => ref m.LastProducerEpoch, tag: 10_000);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<TransactionLogValue> Codec = new(0, 1, 1, Schema);

    /// <summary>Partitions of a topic that are in the transaction.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<int> PartitionIds = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32Array("0+", static m => ref m.PartitionIds);
    }
}
