#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Commits offsets of a group.</summary>
public sealed class OffsetCommitRequest : IApiMessage<OffsetCommitRequest>
{
    public string GroupId = "";
    public int GenerationIdOrMemberEpoch = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public long RetentionTimeMs = -1;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<OffsetCommitRequest> Schema { get; } = new MessageSchema<OffsetCommitRequest>()
        .String("0+", static m => ref m.GroupId)
        .Int32("1+", static m => ref m.GenerationIdOrMemberEpoch)
        .String("1+", static m => ref m.MemberId)
        .NullableString("7+", static m => ref m.GroupInstanceId)
        .Int64("2-4", static m => ref m.RetentionTimeMs)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-9", static m => ref m.Name)
            .Uuid("10+", static m => ref m.TopicId)
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
            .Int32("6+", static m => ref m.CommittedLeaderEpoch)
            .NullableString("0+", static m => ref m.CommittedMetadata);
    }
}

/// <summary>What became of each offset.</summary>
public sealed class OffsetCommitResponse : IApiMessage<OffsetCommitResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<OffsetCommitResponse> Schema { get; } = new MessageSchema<OffsetCommitResponse>()
        .Int32("3+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-9", static m => ref m.Name)
            .Uuid("10+", static m => ref m.TopicId)
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
