using System.Diagnostics.CodeAnalysis;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Groups;

/// <summary>What a consumer under the classic protocol tells the assignors (Kafka's ConsumerProtocolSubscription).</summary>
/// <param name="Topics">The topics that it reads.</param>
/// <param name="Owned">The partitions that it holds; empty unless its assignor is cooperative.</param>
/// <param name="Generation">The generation in which it got them; -1 when it does not say.</param>
/// <param name="RackId">Where it is, or null.</param>
internal sealed record ConsumerSubscription(
    IReadOnlyList<string> Topics, IReadOnlyList<TopicPartition> Owned, int Generation, string? RackId)
{
    /// <summary>The protocol type of groups whose members speak this.</summary>
    public const string ProtocolType = "consumer";

    private const short FirstWithOwned = 1;
    private const short FirstWithGeneration = 2;
    private const short FirstWithRack = 3;

    /// <summary>
    /// Reads the bytes of a member. They are opaque to the classic protocol, so they may be anything: then this is false.
    /// </summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ConsumerSubscription? subscription)
    {
        try
        {
            subscription = Read(bytes);
            return true;
        }
        catch (KafkaException)
        {
            subscription = null;
            return false;
        }
    }

    private static ConsumerSubscription Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new KafkaReader(bytes);
        short version = reader.ReadInt16();
        if (version < 0)
            throw new KafkaException(ErrorCode.InvalidRequest, $"A consumer's subscription has the version {version}.");
        var topics = new List<string>();
        for (int left = reader.ReadArrayLength(flexible: false); left > 0; left--)
            topics.Add(Required(ref reader));
        reader.TryReadBytes(flexible: false, out _); // the assignor's own data
        var owned = new List<TopicPartition>();
        if (version >= FirstWithOwned)
        {
            for (int left = reader.ReadArrayLength(flexible: false); left > 0; left--)
            {
                string topic = Required(ref reader);
                for (int partitions = reader.ReadArrayLength(flexible: false); partitions > 0; partitions--)
                    owned.Add(new TopicPartition(topic, reader.ReadInt32()));
            }
        }
        int generation = version >= FirstWithGeneration ? reader.ReadInt32() : -1;
        return new ConsumerSubscription(topics, owned, generation, version >= FirstWithRack ? reader.ReadString(flexible: false) : null);
    }

    private static string Required(ref KafkaReader reader) =>
        reader.ReadString(flexible: false) ?? throw new KafkaException(ErrorCode.InvalidRequest, "A consumer's subscription lacks a name.");
}
