using System.Diagnostics.CodeAnalysis;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups;

/// <summary>What a consumer under the classic protocol is given by its assignor (Kafka's ConsumerProtocolAssignment).</summary>
/// <param name="Partitions">The partitions that it may read.</param>
/// <param name="HasUserData">Whether the assignor says more, which only it understands.</param>
internal sealed record ConsumerAssignment(IReadOnlyList<TopicPartition> Partitions, bool HasUserData)
{
    private const short MaxVersion = 3;

    /// <summary>Reads an assignment; no bytes are no partitions. False when the bytes are something else.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ConsumerAssignment? assignment)
    {
        try
        {
            assignment = bytes.IsEmpty ? new ConsumerAssignment([], false) : Read(bytes);
            return true;
        }
        catch (KafkaException)
        {
            assignment = null;
            return false;
        }
    }

    /// <summary>The bytes that a consumer reads whose subscription has a version.</summary>
    public static byte[] Write(short version, IEnumerable<TopicPartition> partitions)
    {
        using var buffer = new PooledBuffer();
        var writer = new KafkaWriter(buffer);
        List<IGrouping<string, TopicPartition>> topics =
            [.. partitions.GroupBy(static p => p.Topic, StringComparer.Ordinal).OrderBy(static t => t.Key, StringComparer.Ordinal)];
        writer.WriteInt16(Math.Min(version, MaxVersion));
        writer.WriteArrayLength(topics.Count, flexible: false);
        foreach (IGrouping<string, TopicPartition> topic in topics)
        {
            writer.WriteString(topic.Key, flexible: false);
            writer.WriteArrayLength(topic.Count(), flexible: false);
            foreach (TopicPartition partition in topic.OrderBy(static p => p.Partition))
                writer.WriteInt32(partition.Partition);
        }
        writer.WriteBytes([], flexible: false);
        return buffer.WrittenSpan.ToArray();
    }

    private static ConsumerAssignment Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new KafkaReader(bytes);
        short version = reader.ReadInt16();
        if (version < 0)
            throw new KafkaException(ErrorCode.InvalidRequest, $"A consumer's assignment has the version {version}.");
        var partitions = new List<TopicPartition>();
        for (int topics = reader.ReadArrayLength(flexible: false); topics > 0; topics--)
        {
            string topic = reader.ReadString(flexible: false)
                ?? throw new KafkaException(ErrorCode.InvalidRequest, "A consumer's assignment lacks a name.");
            for (int left = reader.ReadArrayLength(flexible: false); left > 0; left--)
                partitions.Add(new TopicPartition(topic, reader.ReadInt32()));
        }
        bool hasUserData = reader.TryReadBytes(flexible: false, out ReadOnlyMemory<byte> userData) && userData.Length > 0;
        return new ConsumerAssignment(partitions, hasUserData);
    }
}
