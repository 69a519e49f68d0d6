#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>
/// Adds partitions to transactions. Up to version 3, which clients send, one transaction stands in the request itself; from version 4 on,
/// which brokers send, there are many, and they may be verified only (KIP-890).
/// </summary>
public sealed class AddPartitionsToTxnRequest : IApiMessage<AddPartitionsToTxnRequest>
{
    public List<Transaction> Transactions = [];
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AddPartitionsToTxnRequest> Schema { get; } = new MessageSchema<AddPartitionsToTxnRequest>()
        .Array("4+", static m => ref m.Transactions, Transaction.Schema)
        .String("0-3", static m => ref m.TransactionalId)
        .Int64("0-3", static m => ref m.ProducerId)
        .Int16("0-3", static m => ref m.ProducerEpoch)
        .Array("0-3", static m => ref m.Topics, Topic.Schema);

    /// <summary>A transaction.</summary>
    public sealed class Transaction
    {
        public string TransactionalId = "";
        public long ProducerId;
        public short ProducerEpoch;
        public bool VerifyOnly;
        public List<Topic> Topics = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Transaction> Schema = new MessageSchema<Transaction>()
            .String("4+", static m => ref m.TransactionalId)
            .Int64("4+", static m => ref m.ProducerId)
            .Int16("4+", static m => ref m.ProducerEpoch)
            .Bool("4+", static m => ref m.VerifyOnly)
            .Array("4+", static m => ref m.Topics, Topic.Schema);
    }

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32Array("0+", static m => ref m.Partitions);
    }
}

/// <summary>What became of each partition.</summary>
public sealed class AddPartitionsToTxnResponse : IApiMessage<AddPartitionsToTxnResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public List<Transaction> ResultsByTransaction = [];
    public List<Topic> ResultsByTopic = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<AddPartitionsToTxnResponse> Schema { get; } = new MessageSchema<AddPartitionsToTxnResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Error("4+", static m => ref m.ErrorCode)
        .Array("4+", static m => ref m.ResultsByTransaction, Transaction.Schema)
        .Array("0-3", static m => ref m.ResultsByTopic, Topic.Schema);

    /// <summary>A transaction.</summary>
    public sealed class Transaction
    {
        public string TransactionalId = "";
        public List<Topic> TopicResults = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Transaction> Schema = new MessageSchema<Transaction>()
            .String("4+", static m => ref m.TransactionalId)
            .Array("4+", static m => ref m.TopicResults, Topic.Schema);
    }

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<Partition> ResultsByPartition = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Array("0+", static m => ref m.ResultsByPartition, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
