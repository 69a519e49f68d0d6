#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Creates topics.</summary>
public sealed class CreateTopicsRequest : IApiMessage<CreateTopicsRequest>
{
    public List<Topic> Topics = [];
    public int TimeoutMs = 60000;
    public bool ValidateOnly;

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<CreateTopicsRequest> Schema { get; } = new MessageSchema<CreateTopicsRequest>()
        .Array("0+", static m => ref m.Topics, Topic.Schema)
        .Int32("0+", static m => ref m.TimeoutMs)
        .Bool("1+", static m => ref m.ValidateOnly);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public int NumPartitions;
        public short ReplicationFactor;
        public List<Assignment> Assignments = [];
        public List<Config> Configs = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Int32("0+", static m => ref m.NumPartitions)
            .Int16("0+", static m => ref m.ReplicationFactor)
            .Array("0+", static m => ref m.Assignments, Assignment.Schema)
            .Array("0+", static m => ref m.Configs, Config.Schema);
    }

    /// <summary>A replica assignment.</summary>
    public sealed class Assignment
    {
        public int PartitionIndex;
        public List<int> BrokerIds = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Assignment> Schema = new MessageSchema<Assignment>()
            .Int32("0+", static m => ref m.PartitionIndex)
            .Int32Array("0+", static m => ref m.BrokerIds);
    }

    /// <summary>A config.</summary>
    public sealed class Config
    {
        public string Name = "";
        public string? Value;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Config> Schema = new MessageSchema<Config>()
            .String("0+", static m => ref m.Name)
            .NullableString("0+", static m => ref m.Value);
    }
}

/// <summary>What became of each topic.</summary>
public sealed class CreateTopicsResponse : IApiMessage<CreateTopicsResponse>
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static MessageSchema<CreateTopicsResponse> Schema { get; } = new MessageSchema<CreateTopicsResponse>()
        .Int32("2+", static m => ref m.ThrottleTimeMs)
        .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public string Name = "";
        public Guid TopicId;
        public ErrorCode ErrorCode;
        public string? ErrorMessage;
        public ErrorCode TopicConfigErrorCode;
        public int NumPartitions = -1;
        public short ReplicationFactor = -1;
        public List<Config>? Configs;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .String("0+", static m => ref m.Name)
            .Uuid("7+", static m => ref m.TopicId)
            .Error("0+", static m => ref m.ErrorCode)
            .NullableString("1+", static m => ref m.ErrorMessage)
            .Error("5+", static m => ref m.TopicConfigErrorCode, tag: 0)
            .Int32("5+", static m => ref m.NumPartitions)
            .Int16("5+", static m => ref m.ReplicationFactor)
            .NullableArray("5+", static m => ref m.Configs, Config.Schema);
    }

    /// <summary>A config.</summary>
    public sealed class Config
    {
        public string Name = "";
        public string? Value;
        public bool ReadOnly;
        public sbyte ConfigSource = -1;
        public bool IsSensitive;

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Config> Schema = new MessageSchema<Config>()
            .String("5+", static m => ref m.Name)
            .NullableString("5+", static m => ref m.Value)
            .Bool("5+", static m => ref m.ReadOnly)
            .Int8("5+", static m => ref m.ConfigSource)
            .Bool("5+", static m => ref m.IsSensitive);
    }
}
