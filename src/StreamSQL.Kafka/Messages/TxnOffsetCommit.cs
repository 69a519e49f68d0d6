#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Commits offsets of a group as part of a transaction (KIP-447).</summary>
public sealed class TxnOffsetCommitRequest : IApiMessage<TxnOffsetCommitRequest>
{
    public string TransactionalId = "";
    public string GroupId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public int GenerationIdOrMemberEpoch = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<TxnOffsetCommitRequest> Schema { get; } = new MessageSchema<TxnOffsetCommitRequest>()
        .String("0+", static m => ref m.TransactionalId)
        .String("0+", static m => ref m.GroupId)
        .Int64("0+", static m => ref m.ProducerId)
        .Int16("0+", static m => ref m.ProducerEpoch)
        .Int32("3+", static m => ref m.GenerationIdOrMemberEpoch)
        .String("3+", static m => ref m.MemberId)
        .NullableString("3+", static m => ref m.GroupInstanceId)
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
        public long CommittedOffset;
        public int CommittedLeaderEpoch = -1;
        public string? CommittedMetadata;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int64("0+", static m => ref m.CommittedOffset)
            .Int32("2+", static m => ref m.CommittedLeaderEpoch)
            .NullableString("0+", static m => ref m.CommittedMetadata);
    }
}

/// <summary>What became of each offset.</summary>
public sealed class TxnOffsetCommitResponse : IApiMessage<TxnOffsetCommitResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<TxnOffsetCommitResponse> Schema { get; } = new MessageSchema<TxnOffsetCommitResponse>()
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

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
