#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for committed offsets of groups.</summary>
public sealed class OffsetFetchRequest : IApiMessage<OffsetFetchRequest>
{
    public string GroupId = "";
    public List<Topic>? Topics;
    public List<Group> Groups = [];
    public bool RequireStable;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<OffsetFetchRequest> Schema { get; } = new MessageSchema<OffsetFetchRequest>()
        .String("0-7", static m => ref m.GroupId)
        .NullableArray("0-7", static m => ref m.Topics, Topic.Schema, nullable: "2-7")
        .Array("8+", static m => ref m.Groups, Group.Schema)
        .Bool("7+", static m => ref m.RequireStable);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<int> PartitionIndexes = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-9", static m => ref m.Name)
            .Uuid("10+", static m => ref m.TopicId)
            .Int32Array("0+", static m => ref m.PartitionIndexes);
    }

    /// <summary>A group.</summary>
    public sealed class Group
    {
        public string GroupId = "";
        public string? MemberId;
        public int MemberEpoch = -1;
        public List<Topic>? Topics;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Group> Schema = new MessageSchema<Group>()
            .String("8+", static m => ref m.GroupId)
            .NullableString("9+", static m => ref m.MemberId)
            .Int32("9+", static m => ref m.MemberEpoch)
            .NullableArray("8+", static m => ref m.Topics, Topic.Schema);
    }
}

/// <summary>Committed offsets; -1 where there is none.</summary>
public sealed class OffsetFetchResponse : IApiMessage<OffsetFetchResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];
    public ErrorCode ErrorCode;
    public List<Group> Groups = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<OffsetFetchResponse> Schema { get; } = new MessageSchema<OffsetFetchResponse>()
        .Int32("3+", static m => ref m.ThrottleTimeMs)
        .Array("0-7", static m => ref m.Topics, Topic.Schema)
        .Error("2-7", static m => ref m.ErrorCode)
        .Array("8+", static m => ref m.Groups, Group.Schema);

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

    /// <summary>A group.</summary>
    public sealed class Group
    {
        public string GroupId = "";
        public List<Topic> Topics = [];
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Group> Schema = new MessageSchema<Group>()
            .String("8+", static m => ref m.GroupId)
            .Array("8+", static m => ref m.Topics, Topic.Schema)
            .Error("8+", static m => ref m.ErrorCode);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public long CommittedOffset;
        public int CommittedLeaderEpoch = -1;
        public string? Metadata;
        public ErrorCode ErrorCode;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int64("0+", static m => ref m.CommittedOffset)
            .Int32("5+", static m => ref m.CommittedLeaderEpoch)
            .NullableString("0+", static m => ref m.Metadata)
            .Error("0+", static m => ref m.ErrorCode);
    }
}
