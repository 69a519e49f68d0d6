using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups.Records;

/// <summary>Names a consumer group.</summary>
internal sealed class ConsumerGroupPartitionMetadataKey
{
    public const short Type = 4;

    public string GroupId = "";

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupPartitionMetadataKey> Schema = new MessageSchema<ConsumerGroupPartitionMetadataKey>()
        .String("0+", static m => ref m.GroupId);

    /// <summary>The bytes of the key: its type, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupPartitionMetadataKey> Codec = new(Type, Schema);
}

/// <summary>What Kafka 4.0 knew of the topics that a group subscribes to; later ones keep a hash.</summary>
internal sealed class ConsumerGroupPartitionMetadataValue
{
    public List<Topic> Topics = [];

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<ConsumerGroupPartitionMetadataValue> Schema =
        new MessageSchema<ConsumerGroupPartitionMetadataValue>()
            .Array("0+", static m => ref m.Topics, Topic.Schema);

    /// <summary>The bytes of the value: its version, then its fields.</summary>
    public static readonly CoordinatorCodec<ConsumerGroupPartitionMetadataValue> Codec = new(0, 0, 0, Schema);

    /// <summary>A topic.</summary>
    public sealed class Topic
    {
        public Guid TopicId;
        public string TopicName = "";
        public int NumPartitions;
        public List<TopicPartition> PartitionMetadata = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<Topic> Schema = new MessageSchema<Topic>()
            .Uuid("0+", static m => ref m.TopicId)
            .String("0+", static m => ref m.TopicName)
            .Int32("0+", static m => ref m.NumPartitions)
            .Array("0+", static m => ref m.PartitionMetadata, TopicPartition.Schema);
    }

    /// <summary>A partition.</summary>
    public sealed class TopicPartition
    {
        public int Partition;
        public List<string> Racks = [];

        /// <summary>The fields and the versions that have them.</summary>
        public static readonly MessageSchema<TopicPartition> Schema = new MessageSchema<TopicPartition>()
            .Int32("0+", static m => ref m.Partition)
            .StringArray("0+", static m => ref m.Racks);
    }
}
