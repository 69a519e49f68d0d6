#pragma warning disable CS1591 // the fields are Kafka's own, defined in its protocol guide
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Kafka.Messages;

/// <summary>Where a page of partitions begins.</summary>
public sealed class DescribeTopicPartitionsCursor
{
    public string TopicName = "";
    public int PartitionIndex;

    /// <summary>The fields and the versions that have them.</summary>
    public static readonly MessageSchema<DescribeTopicPartitionsCursor> Schema = new MessageSchema<DescribeTopicPartitionsCursor>()
        .String("0+", static m => ref m.TopicName)
        .Int32("0+", static m => ref m.PartitionIndex);
}
