#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Asks for brokers, topics and leaders. No topics means none, null all of them.</summary>
public sealed class MetadataRequest : IApiMessage<MetadataRequest>
{
    public List<Topic>? Topics;
    public bool AllowAutoTopicCreation = true;
    public bool IncludeClusterAuthorizedOperations;
    public bool IncludeTopicAuthorizedOperations;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<MetadataRequest> Schema { get; } = new MessageSchema<MetadataRequest>()
        .NullableArray("0+", static m => ref m.Topics, Topic.Schema, nullable: "1+")
        .Bool("4+", static m => ref m.AllowAutoTopicCreation)
        .Bool("8-10", static m => ref m.IncludeClusterAuthorizedOperations)
        .Bool("8+", static m => ref m.IncludeTopicAuthorizedOperations);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public Guid TopicId;
        public string? Name;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .Uuid("10+", static m => ref m.TopicId)
            .NullableString("0+", static m => ref m.Name, nullable: "10+");
    }
}

/// <summary>Brokers, topics and leaders.</summary>
public sealed class MetadataResponse : IApiMessage<MetadataResponse>
{
    public int ThrottleTimeMs;
    public List<Broker> Brokers = [];
    public string? ClusterId;
    public int ControllerId = -1;
    public List<Topic> Topics = [];
    public int ClusterAuthorizedOperations = int.MinValue;
    public ErrorCode ErrorCode;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<MetadataResponse> Schema { get; } = new MessageSchema<MetadataResponse>()
        .Int32("3+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Brokers, Broker.Schema)
        .NullableString("2+", static m => ref m.ClusterId)
        .Int32("1+", static m => ref m.ControllerId)
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Int32("8-10", static m => ref m.ClusterAuthorizedOperations)
        .Error("13+", static m => ref m.ErrorCode);

    /// <summary>A broker.</summary>
    public sealed class Broker
    {
        public int NodeId;
        public string Host = "";
        public int Port;
        public string? Rack;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Broker> Schema = new MessageSchema<Broker>()
            .Int32("0+", static m => ref m.NodeId)
            .String("0+", static m => ref m.Host)
            .Int32("0+", static m => ref m.Port)
            .NullableString("1+", static m => ref m.Rack);
    }

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public ErrorCode ErrorCode;
        public string? Name;
        public Guid TopicId;
        public bool IsInternal;
        public List<Partition> Partitions = [];
        public int TopicAuthorizedOperations = int.MinValue;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("0+", static m => ref m.Name, nullable: "12+")
            .Uuid("10+", static m => ref m.TopicId)
            .Bool("1+", static m => ref m.IsInternal)
            .Array("0+", static m => ref m.Partitions, Partition.Schema)
            .Int32("8+", static m => ref m.TopicAuthorizedOperations);
    }

    /// <summary>A partition.</summary>
    public sealed class Partition
    {
        public ErrorCode ErrorCode;
        public int PartitionIndex;
        public int LeaderId;
        public int LeaderEpoch = -1;
        public List<int> ReplicaNodes = [];
        public List<int> IsrNodes = [];
        public List<int> OfflineReplicas = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Partition> Schema = new MessageSchema<Partition>()
            .Error("0+", static m => ref m.ErrorCode)
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32("0+", static m => ref m.LeaderId)
            .Int32("7+", static m => ref m.LeaderEpoch)
            .Int32Array("0+", static m => ref m.ReplicaNodes)
            .Int32Array("0+", static m => ref m.IsrNodes)
            .Int32Array("5+", static m => ref m.OfflineReplicas);
    }
}
