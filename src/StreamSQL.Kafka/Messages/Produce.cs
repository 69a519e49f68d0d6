#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Appends record batches to partitions.</summary>
public sealed class ProduceRequest : IApiMessage<ProduceRequest>
{
    public string? TransactionalId;
    public short Acks;
    public int TimeoutMs;
    public List<Topic> TopicData = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ProduceRequest> Schema { get; } = new MessageSchema<ProduceRequest>()
        .NullableString("3+", static m => ref m.TransactionalId)
        .Int16("0+", static m => ref m.Acks)
        .Int32("0+", static m => ref m.TimeoutMs)
        .Array("0+", static m => ref m.TopicData, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> PartitionData = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-12", static m => ref m.Name)
            .Uuid("13+", static m => ref m.TopicId)
            .Array("0+", static m => ref m.PartitionData, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int Index;
        public ReadOnlyMemory<byte> Records;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.Index)
            .Records("0+", static m => ref m.Records);
    }
}

/// <summary>Where the batches were appended.</summary>
public sealed class ProduceResponse : IApiMessage<ProduceResponse>
{
    public List<Topic> Responses = [];
    public int ThrottleTimeMs;
    public List<NodeEndpoint> NodeEndpoints = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<ProduceResponse> Schema { get; } = new MessageSchema<ProduceResponse>()
        .Array("0+", static m => ref m.Responses, Topic.Schema)
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Array("10+", static m => ref m.NodeEndpoints, NodeEndpoint.Schema, tag: 0);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> PartitionResponses = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-12", static m => ref m.Name)
            .Uuid("13+", static m => ref m.TopicId)
            .Array("0+", static m => ref m.PartitionResponses, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int Index;
        public ErrorCode ErrorCode;
        public long BaseOffset;
        public long LogAppendTimeMs = -1;
        public long LogStartOffset = -1;
        public List<RecordError> RecordErrors = [];
        public string? ErrorMessage;
        public LeaderIdAndEpoch? CurrentLeader;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.Index)
            .Error("0+", static m => ref m.ErrorCode)
            .Int64("0+", static m => ref m.BaseOffset)
            .Int64("2+", static m => ref m.LogAppendTimeMs)
            .Int64("5+", static m => ref m.LogStartOffset)
            .Array("8+", static m => ref m.RecordErrors, RecordError.Schema)
            .NullableString("8+", static m => ref m.ErrorMessage)
            .TaggedStruct("10+", static m => ref m.CurrentLeader, LeaderIdAndEpoch.Schema, tag: 0);
    }

    /// <summary>A record that made its batch fail.</summary>
    public sealed class RecordError
    {
        public int BatchIndex;
        public string? BatchIndexErrorMessage;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<RecordError> Schema = new MessageSchema<RecordError>()
            .Int32("8+", static m => ref m.BatchIndex)
            .NullableString("8+", static m => ref m.BatchIndexErrorMessage);
    }
}
