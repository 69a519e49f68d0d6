#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the producers that partitions remember (KIP-664).</summary>
public sealed class DescribeProducersRequest : IApiMessage<DescribeProducersRequest>
{
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeProducersRequest> Schema { get; } = new MessageSchema<DescribeProducersRequest>()
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<int> PartitionIndexes = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32Array("0+", static m => ref m.PartitionIndexes);
    }
}

/// <summary>The producers.</summary>
public sealed class DescribeProducersResponse : IApiMessage<DescribeProducersResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeProducersResponse> Schema { get; } = new MessageSchema<DescribeProducersResponse>()
        .Int32("0+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public List<Producer> ActiveProducers = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.ErrorMessage)
            .Array("0+", static m => ref m.ActiveProducers, Producer.Schema);
    }

    /// <summary>A producer.</summary>
    public sealed class Producer
    {
        public long ProducerId;
        public int ProducerEpoch;
        public int LastSequence = -1;
        public long LastTimestamp = -1;
        public int CoordinatorEpoch;
        public long CurrentTxnStartOffset = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Producer> Schema = new MessageSchema<Producer>()
            .Int64("0+", static m => ref m.ProducerId)
            .Int32("0+", static m => ref m.ProducerEpoch)
            .Int32("0+", static m => ref m.LastSequence)
            .Int64("0+", static m => ref m.LastTimestamp)
            .Int32("0+", static m => ref m.CoordinatorEpoch)
            .Int64("0+", static m => ref m.CurrentTxnStartOffset);
    }
}
