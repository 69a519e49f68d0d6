using System.Buffers.Binary;
using System.Reflection;
using StreamSQL.Broker.Groups;
using StreamSQL.Broker.Offsets;
using StreamSQL.Broker.Partitions;
using StreamSQL.Broker.Transactions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Kafka.Protocol;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>
/// Records of <c>__consumer_offsets</c> and <c>__transaction_state</c>: the length of the key (16 bits), the key, the value; and what
/// consumers put into the classic group protocol, which is opaque to Kafka and read for migration.
/// </summary>
internal static class CoordinatorRecords
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("coordinator-record", Records, DecodeRecord, typeof(KafkaException)) { Share = 24 },
        new("consumer-protocol", ConsumerProtocol, DecodeConsumerProtocol) { Share = 12 },
    ];

    private static void DecodeRecord(byte[] input)
    {
        if (input.Length < 2)
            return;
        int keyLength = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), input.Length - 2);
        ReadOnlyMemory<byte> key = input.AsMemory(2, keyLength);
        ReadOnlyMemory<byte> value = input.AsMemory(2 + keyLength);
        // The two topics number their keys alike, so each record is read as one of either.
        Try(() => OffsetRecord.TryRead(key, value, !value.IsEmpty, out _));
        Try(() => GroupRecord.TryRead(key, value, !value.IsEmpty, out _));
        TransactionRecord.TryRead(key, value, !value.IsEmpty, out _, out _);
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (KafkaException)
        {
            // As this kind of record it is refused; it is read as the other kinds too.
        }
    }

    private static void DecodeConsumerProtocol(byte[] input)
    {
        ConsumerSubscription.TryRead(input, out _);
        ConsumerAssignment.TryRead(input, out _);
    }

    private static IEnumerable<byte[]> ConsumerProtocol()
    {
        TopicPartition[] partitions = [new("orders", 0), new("orders", 2), new("customers", 1)];
        yield return ConsumerAssignment.Write(0, partitions);
        yield return ConsumerAssignment.Write(3, partitions);
        for (short version = 0; version <= 3; version++)
            yield return Subscription(version);
    }

    private static byte[] Subscription(short version)
    {
        using var buffer = new PooledBuffer();
        var writer = new KafkaWriter(buffer);
        writer.WriteInt16(version);
        writer.WriteArrayLength(2, flexible: false);
        writer.WriteString("orders", flexible: false);
        writer.WriteString("customers", flexible: false);
        writer.WriteBytes("own"u8, flexible: false);
        writer.WriteArrayLength(1, flexible: false);
        writer.WriteString("orders", flexible: false);
        writer.WriteArrayLength(2, flexible: false);
        writer.WriteInt32(0);
        writer.WriteInt32(5);
        writer.WriteInt32(17);
        writer.WriteString("rack", flexible: false);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Every version of every value behind a key that it belongs to.</summary>
    private static IEnumerable<byte[]> Records()
    {
        string[] stored = typeof(CoordinatorCodec).Assembly.GetTypes()
            .Where(static t => t.GetField("Codec", BindingFlags.Public | BindingFlags.Static) is not null)
            .Select(static t => t.Name).ToArray();
        foreach ((string name, short version) in MessageVectors.Names.Where(n => n.Name.EndsWith("Value", StringComparison.Ordinal)
            && stored.Contains(n.Name)))
        {
            string keyName = name[..^"Value".Length] + "Key";
            foreach ((string _, short keyVersion) in MessageVectors.Names.Where(n => n.Name == keyName))
            {
                byte[] key = MessageVectors.Find(keyName, keyVersion)!.Full;
                foreach (byte[] value in MessageVectors.Find(name, version)!.All)
                    yield return [(byte)(key.Length >> 8), (byte)key.Length, .. key, .. value];
            }
        }
    }
}
