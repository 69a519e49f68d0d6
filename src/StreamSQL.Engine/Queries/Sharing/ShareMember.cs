using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Engine.Queries.Sharing;

/// <summary>What an engine says of itself as a member of a query's consumer group.</summary>
/// <param name="Engine">Which engine: an id that its data directory keeps.</param>
/// <param name="Version">The version of the catalog that made the query as the engine knows it: of two, the later one is in force.</param>
/// <param name="Slots">How many commit groups that query has.</param>
/// <param name="Held">Those that it runs, or has not given back yet.</param>
internal sealed record ShareMember(Guid Engine, long Version, int Slots, IReadOnlyList<int> Held);

/// <summary>
/// What members of a query's group tell, and are told, as the subscriptions and assignments of Kafka's consumers (protocol type
/// <c>consumer</c>, version 0 of both schemas), so that Kafka's tools show which engine reads which partition. What is our own stands in
/// the field that they leave to the assignor.
/// </summary>
internal static class ShareCodec
{
    /// <summary>The protocol type of consumers' groups.</summary>
    public const string ProtocolType = "consumer";

    /// <summary>How the commit groups are divided: by <see cref="SlotAssignor"/>.</summary>
    public const string Protocol = "streamsql-slots";

    private const short SchemaVersion = 0;
    private const sbyte FormatVersion = 1;
    private const int MaxSlots = 10_000;

    /// <summary>What a member tells.</summary>
    /// <param name="topics">What the query reads.</param>
    /// <param name="member">The member.</param>
    public static byte[] EncodeSubscription(IEnumerable<string> topics, ShareMember member)
    {
        using var own = new PooledBuffer();
        var ownWriter = new KafkaWriter(own);
        ownWriter.WriteInt8(FormatVersion);
        ownWriter.WriteUuid(member.Engine);
        ownWriter.WriteInt64(member.Version);
        ownWriter.WriteInt32(member.Slots);
        WriteSlots(ownWriter, member.Held);

        using var bytes = new PooledBuffer();
        var writer = new KafkaWriter(bytes);
        writer.WriteInt16(SchemaVersion);
        var names = topics.Distinct().ToArray();
        writer.WriteArrayLength(names.Length, flexible: false);
        foreach (var name in names)
            writer.WriteString(name, flexible: false);
        writer.WriteBytes(own.WrittenSpan, flexible: false);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>What a member has told; null when it is none of ours, or of a later version.</summary>
    public static ShareMember? DecodeSubscription(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new KafkaReader(bytes);
            reader.ReadInt16();
            for (var left = reader.ReadArrayLength(flexible: false); left > 0; left--)
                reader.ReadString(flexible: false);
            if (!reader.TryReadBytes(flexible: false, out var own))
                return null;
            var ownReader = new KafkaReader(own);
            if (ownReader.ReadInt8() != FormatVersion)
                return null;
            var (engine, version, slots) = (ownReader.ReadUuid(), ownReader.ReadInt64(), ownReader.ReadInt32());
            return slots is >= 0 and <= MaxSlots ? new ShareMember(engine, version, slots, ReadSlots(ref ownReader)) : null;
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    /// <summary>What a member is told.</summary>
    /// <param name="partitions">What it reads.</param>
    /// <param name="slots">The commit groups that it runs.</param>
    public static byte[] EncodeAssignment(IEnumerable<TopicPartition> partitions, IReadOnlyList<int> slots)
    {
        using var own = new PooledBuffer();
        var ownWriter = new KafkaWriter(own);
        ownWriter.WriteInt8(FormatVersion);
        WriteSlots(ownWriter, slots);

        using var bytes = new PooledBuffer();
        var writer = new KafkaWriter(bytes);
        writer.WriteInt16(SchemaVersion);
        var topics = partitions.GroupBy(static partition => partition.Topic).ToArray();
        writer.WriteArrayLength(topics.Length, flexible: false);
        foreach (var topic in topics)
        {
            writer.WriteString(topic.Key, flexible: false);
            var numbers = topic.Select(static partition => partition.Partition).Distinct().Order().ToArray();
            writer.WriteArrayLength(numbers.Length, flexible: false);
            foreach (var number in numbers)
                writer.WriteInt32(number);
        }

        writer.WriteBytes(own.WrittenSpan, flexible: false);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The commit groups that a member is told to run: none when the leader told it nothing.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.InvalidRequest"/>: it is not what <see cref="EncodeAssignment"/> has
    /// written, or of a later version.</exception>
    public static IReadOnlyList<int> DecodeAssignment(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return [];
        var reader = new KafkaReader(bytes);
        reader.ReadInt16();
        for (var topics = reader.ReadArrayLength(flexible: false); topics > 0; topics--)
        {
            reader.ReadString(flexible: false);
            for (var left = reader.ReadArrayLength(flexible: false); left > 0; left--)
                reader.ReadInt32();
        }

        if (!reader.TryReadBytes(flexible: false, out var own))
            return [];
        var ownReader = new KafkaReader(own);
        return ownReader.ReadInt8() == FormatVersion
            ? ReadSlots(ref ownReader)
            : throw new KafkaException(ErrorCode.InvalidRequest, "An assignment of commit groups has an unknown format version.");
    }

    private static void WriteSlots(KafkaWriter writer, IReadOnlyList<int> slots)
    {
        writer.WriteArrayLength(slots.Count, flexible: false);
        foreach (var slot in slots)
            writer.WriteInt32(slot);
    }

    private static int[] ReadSlots(ref KafkaReader reader)
    {
        var slots = new int[Math.Max(0, reader.ReadArrayLength(flexible: false))];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = reader.ReadInt32();
        return slots;
    }
}
