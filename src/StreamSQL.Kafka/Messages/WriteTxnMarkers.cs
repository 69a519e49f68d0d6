#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>
/// Appends the markers that end transactions: sent by coordinators, and by whoever aborts a hanging transaction (KIP-664).
/// </summary>
public sealed class WriteTxnMarkersRequest : IApiMessage<WriteTxnMarkersRequest>
{
    public List<Marker> Markers = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<WriteTxnMarkersRequest> Schema { get; } = new MessageSchema<WriteTxnMarkersRequest>()
        .Array("0+", static m => ref m.Markers, Marker.Schema);

    /// <summary>A transaction that ends.</summary>
    public sealed class Marker
    {
        public long ProducerId;
        public short ProducerEpoch;
        public bool TransactionResult;
        public List<Topic> Topics = [];
        public int CoordinatorEpoch;
        public sbyte TransactionVersion;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Marker> Schema = new MessageSchema<Marker>()
            .Int64("0+", static m => ref m.ProducerId)
            .Int16("0+", static m => ref m.ProducerEpoch)
            .Bool("0+", static m => ref m.TransactionResult)
            .Array("0+", static m => ref m.Topics, Topic.Schema)
            .Int32("0+", static m => ref m.CoordinatorEpoch)
            .Int8("2+", static m => ref m.TransactionVersion);
    }

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

/// <summary>What became of each marker.</summary>
public sealed class WriteTxnMarkersResponse : IApiMessage<WriteTxnMarkersResponse>
{
    public List<Marker> Markers = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<WriteTxnMarkersResponse> Schema { get; } = new MessageSchema<WriteTxnMarkersResponse>()
        .Array("0+", static m => ref m.Markers, Marker.Schema);

    /// <summary>A transaction.</summary>
    public sealed class Marker
    {
        public long ProducerId;
        public List<Topic> Topics = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Marker> Schema = new MessageSchema<Marker>()
            .Int64("0+", static m => ref m.ProducerId)
            .Array("0+", static m => ref m.Topics, Topic.Schema);
    }

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

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
