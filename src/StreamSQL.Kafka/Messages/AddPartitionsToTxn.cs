#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Adds partitions to a transaction.</summary>
public sealed class AddPartitionsToTxnRequest
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<AddPartitionsToTxnRequest> Schema = new MessageSchema<AddPartitionsToTxnRequest>()
        .String("0+", static m => ref m.TransactionalId)
        .Int64("0+", static m => ref m.ProducerId)
        .Int16("0+", static m => ref m.ProducerEpoch)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

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
public sealed class AddPartitionsToTxnResponse
{
    public int ThrottleTimeMs;
    public List<Topic> ResultsByTopic = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<AddPartitionsToTxnResponse> Schema = new MessageSchema<AddPartitionsToTxnResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.ResultsByTopic, Topic.Schema);

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
