#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the state of transactional ids (KIP-664).</summary>
public sealed class DescribeTransactionsRequest : IApiMessage<DescribeTransactionsRequest>
{
    public List<string> TransactionalIds = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeTransactionsRequest> Schema { get; } = new MessageSchema<DescribeTransactionsRequest>()
        .StringArray("0+", static m => ref m.TransactionalIds);
}

/// <summary>The state of each transactional id.</summary>
public sealed class DescribeTransactionsResponse : IApiMessage<DescribeTransactionsResponse>
{
    public int ThrottleTimeMs;
    public List<Transaction> TransactionStates = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeTransactionsResponse> Schema { get; } = new MessageSchema<DescribeTransactionsResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.TransactionStates, Transaction.Schema);

    /// <summary>A transactional id.</summary>
    public sealed class Transaction
    {
        public ErrorCode ErrorCode;
        public string TransactionalId = "";
        public string TransactionState = "";
        public int TransactionTimeoutMs;
        public long TransactionStartTimeMs;
        public long ProducerId;
        public short ProducerEpoch;
        public List<TopicPartitions> Topics = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Transaction> Schema = new MessageSchema<Transaction>()
            .Error("0+", static m => ref m.ErrorCode)
            .String("0+", static m => ref m.TransactionalId)
            .String("0+", static m => ref m.TransactionState)
            .Int32("0+", static m => ref m.TransactionTimeoutMs)
            .Int64("0+", static m => ref m.TransactionStartTimeMs)
            .Int64("0+", static m => ref m.ProducerId)
            .Int16("0+", static m => ref m.ProducerEpoch)
            .Array("0+", static m => ref m.Topics, TopicPartitions.Schema);
    }

    /// <summary>Partitions of a topic that are in the transaction.</summary>
    public sealed class TopicPartitions
    {
        public string Topic = "";
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<TopicPartitions> Schema = new MessageSchema<TopicPartitions>()
            .String("0+", static m => ref m.Topic)
            .Int32Array("0+", static m => ref m.Partitions);
    }
}
