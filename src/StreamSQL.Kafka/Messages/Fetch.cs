#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Reads record batches from partitions, and waits for them.</summary>
public sealed class FetchRequest : IApiMessage<FetchRequest>
{
    public string? ClusterId;
    public int ReplicaId = -1;
    public Follower? ReplicaState;
    public int MaxWaitMs;
    public int MinBytes;
    public int MaxBytes = int.MaxValue;
    public sbyte IsolationLevel;
    public int SessionId;
    public int SessionEpoch = -1;
    public List<Topic> Topics = [];
    public List<ForgottenTopic> ForgottenTopicsData = [];
    public string RackId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<FetchRequest> Schema { get; } = new MessageSchema<FetchRequest>()
        .NullableString("12+", static m => ref m.ClusterId, tag: 0)
        .Int32("0-14", static m => ref m.ReplicaId)
        .TaggedStruct("15+", static m => ref m.ReplicaState, Follower.Schema, tag: 1)
        .Int32("0+", static m => ref m.MaxWaitMs)
        .Int32("0+", static m => ref m.MinBytes)
        .Int32("3+", static m => ref m.MaxBytes)
        .Int8("4+", static m => ref m.IsolationLevel)
        .Int32("7+", static m => ref m.SessionId)
        .Int32("7+", static m => ref m.SessionEpoch)
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Array("7+", static m => ref m.ForgottenTopicsData, ForgottenTopic.Schema)
        .String("11+", static m => ref m.RackId);

    /// <summary>The follower that fetches.</summary>
    public sealed class Follower
    {
        public int ReplicaId = -1;
        public long ReplicaEpoch = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Follower> Schema = new MessageSchema<Follower>()
            .Int32("15+", static m => ref m.ReplicaId)
            .Int64("15+", static m => ref m.ReplicaEpoch);
    }

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-12", static m => ref m.Name)
            .Uuid("13+", static m => ref m.TopicId)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A topic with partitions that leave the fetch session.</summary>
    public sealed class ForgottenTopic
    {
        public string Topic = "";
        public Guid TopicId;
        public List<int> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<ForgottenTopic> Schema = new MessageSchema<ForgottenTopic>()
            .String("7-12", static m => ref m.Topic)
            .Uuid("13+", static m => ref m.TopicId)
            .Int32Array("7+", static m => ref m.Partitions);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public int CurrentLeaderEpoch = -1;
        public long FetchOffset;
        public int LastFetchedEpoch = -1;
        public long LogStartOffset = -1;
        public int PartitionMaxBytes;
        public Guid ReplicaDirectoryId;
        public long HighWatermark = long.MaxValue;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32("9+", static m => ref m.CurrentLeaderEpoch)
            .Int64("0+", static m => ref m.FetchOffset)
            .Int32("12+", static m => ref m.LastFetchedEpoch)
            .Int64("5+", static m => ref m.LogStartOffset)
            .Int32("0+", static m => ref m.PartitionMaxBytes)
            .Uuid("17+", static m => ref m.ReplicaDirectoryId, tag: 0)
            .Int64("18+", static m => ref m.HighWatermark, tag: 1);
    }
}

/// <summary>Record batches and the bounds of their partitions.</summary>
public sealed class FetchResponse : IApiMessage<FetchResponse>
{
    public int ThrottleTimeMs;
    public ErrorCode ErrorCode;
    public int SessionId;
    public List<Topic> Responses = [];
    public List<NodeEndpoint> NodeEndpoints = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<FetchResponse> Schema { get; } = new MessageSchema<FetchResponse>()
        .Int32("1+", static m => ref m.ThrottleTimeMs)
        .Error("7+", static m => ref m.ErrorCode)
        .Int32("7+", static m => ref m.SessionId)
        .Array("0+", static m => ref m.Responses, Topic.Schema)
        .Array("16+", static m => ref m.NodeEndpoints, NodeEndpoint.Schema, tag: 0);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0-12", static m => ref m.Name)
            .Uuid("13+", static m => ref m.TopicId)
            .Array("0+", static m => ref m.Partitions, Partition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public int PartitionIndex;
        public ErrorCode ErrorCode;
        public long HighWatermark;
        public long LastStableOffset = -1;
        public long LogStartOffset = -1;
        public EpochEndOffset? DivergingEpoch;
        public LeaderIdAndEpoch? CurrentLeader;
        public SnapshotId? SnapshotId;
        public List<AbortedTransaction>? AbortedTransactions;
        public int PreferredReadReplica = -1;
        public ReadOnlyMemory<byte> Records;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Error("0+", static m => ref m.ErrorCode)
            .Int64("0+", static m => ref m.HighWatermark)
            .Int64("4+", static m => ref m.LastStableOffset)
            .Int64("5+", static m => ref m.LogStartOffset)
            .TaggedStruct("12+", static m => ref m.DivergingEpoch, EpochEndOffset.Schema, tag: 0)
            .TaggedStruct("12+", static m => ref m.CurrentLeader, LeaderIdAndEpoch.Schema, tag: 1)
            .TaggedStruct("12+", static m => ref m.SnapshotId, SnapshotId.Schema, tag: 2)
            .NullableArray("4+", static m => ref m.AbortedTransactions, AbortedTransaction.Schema)
            .Int32("11+", static m => ref m.PreferredReadReplica)
            .Records("0+", static m => ref m.Records);
    }

    /// <summary>Where a leader epoch ends.</summary>
    public sealed class EpochEndOffset
    {
        public int Epoch = -1;
        public long EndOffset = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<EpochEndOffset> Schema = new MessageSchema<EpochEndOffset>()
            .Int32("12+", static m => ref m.Epoch)
            .Int64("12+", static m => ref m.EndOffset);
    }

    /// <summary>A snapshot to fetch instead.</summary>
    public sealed class SnapshotId
    {
        public long EndOffset = -1;
        public int Epoch = -1;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<SnapshotId> Schema = new MessageSchema<SnapshotId>()
            .Int64("0+", static m => ref m.EndOffset)
            .Int32("0+", static m => ref m.Epoch);
    }

    /// <summary>An aborted transaction in the fetched range.</summary>
    public sealed class AbortedTransaction
    {
        public long ProducerId;
        public long FirstOffset;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<AbortedTransaction> Schema = new MessageSchema<AbortedTransaction>()
            .Int64("4+", static m => ref m.ProducerId)
            .Int64("4+", static m => ref m.FirstOffset);
    }
}
