#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for the state of the metadata quorum (KIP-595).</summary>
public sealed class DescribeQuorumRequest : IApiMessage<DescribeQuorumRequest>
{
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeQuorumRequest> Schema { get; } = new MessageSchema<DescribeQuorumRequest>()
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string TopicName = "";
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.TopicName)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex);
    }
}

/// <summary>The metadata quorum.</summary>
public sealed class DescribeQuorumResponse : IApiMessage<DescribeQuorumResponse>
{
    public ErrorCode ErrorCode;
    public string? ErrorMessage;
    public List<Topic> Topics = [];
    public List<Node> Nodes = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<DescribeQuorumResponse> Schema { get; } = new MessageSchema<DescribeQuorumResponse>()
        .Error("0+", static m => ref m.ErrorCode)
        .NullableString("2+", static m => ref m.ErrorMessage)
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Array("2+", static m => ref m.Nodes, Node.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string TopicName = "";
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.TopicName)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public int LeaderId;
        public int LeaderEpoch;
        public long HighWatermark;
        public List<Replica> CurrentVoters = [];
        public List<Replica> Observers = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("2+", static m => ref m.ErrorMessage)
            .Int32("0+", static m => ref m.LeaderId)
            .Int32("0+", static m => ref m.LeaderEpoch)
            .Int64("0+", static m => ref m.HighWatermark)
            .Array("0+", static m => ref m.CurrentVoters, Replica.Schema)
            .Array("0+", static m => ref m.Observers, Replica.Schema);
    }

    /// <summary>A voter or an observer.</summary>
    public sealed class Replica
    {
        public int ReplicaId;
        public Guid ReplicaDirectoryId;
        public long LogEndOffset;
        public long LastFetchTimestamp = -1;
        public long LastCaughtUpTimestamp = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Replica> Schema = new MessageSchema<Replica>()
            .Int32("0+", static m => ref m.ReplicaId)
            .Uuid("2+", static m => ref m.ReplicaDirectoryId)
            .Int64("0+", static m => ref m.LogEndOffset)
            .Int64("1+", static m => ref m.LastFetchTimestamp)
            .Int64("1+", static m => ref m.LastCaughtUpTimestamp);
    }

    /// <summary>A node.</summary>
    public sealed class Node
    {
        public int NodeId;
        public List<Listener> Listeners = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Node> Schema = new MessageSchema<Node>()
            .Int32("2+", static m => ref m.NodeId)
            .Array("2+", static m => ref m.Listeners, Listener.Schema);
    }

    /// <summary>An address of a node.</summary>
    public sealed class Listener
    {
        public string Name = "";
        public string Host = "";
        public ushort Port;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Listener> Schema = new MessageSchema<Listener>()
            .String("2+", static m => ref m.Name)
            .String("2+", static m => ref m.Host)
            .UInt16("2+", static m => ref m.Port);
    }
}
