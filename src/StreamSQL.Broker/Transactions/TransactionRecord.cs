using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Transactions;

/// <summary>Records of <c>__transaction_state</c>, in Kafka's format (TransactionLogKey 0, TransactionLogValue 1).</summary>
internal static class TransactionRecord
{
    private const short KeyVersion = 0;
    private const short ValueVersion = 1;
    private const uint PreviousProducerIdTag = 0;
    private const uint ClientVersionTag = 2;
    private const short BumpingClientVersion = 2;

    /// <summary>Appends the state of a transactional id to a batch.</summary>
    public static void Append(RecordBatchBuilder batch, TransactionState state, PooledBuffer scratch)
    {
        var writer = WriteKey(state.TransactionalId, scratch);
        var keyLength = scratch.Length;
        writer.WriteInt16(ValueVersion);
        writer.WriteInt64(state.ProducerId);
        writer.WriteInt16(state.ProducerEpoch);
        writer.WriteInt32(state.TimeoutMs);
        writer.WriteInt8((sbyte)state.Status);
        WritePartitions(writer, state);
        writer.WriteInt64(state.UpdateMs);
        writer.WriteInt64(state.StartMs);
        WriteTags(writer, state);
        var bytes = scratch.WrittenSpan;
        batch.Append(bytes[..keyLength], true, bytes[keyLength..], true, state.UpdateMs);
    }

    /// <summary>Appends a record that deletes a transactional id to a batch.</summary>
    public static void AppendTombstone(RecordBatchBuilder batch, string transactionalId, long nowMs, PooledBuffer scratch)
    {
        WriteKey(transactionalId, scratch);
        batch.Append(scratch.WrittenSpan, true, default, false, nowMs);
    }

    /// <summary>
    /// Reads a record: the transactional id, and its state, or null where it is deleted. False when its key is of another kind.
    /// </summary>
    /// <exception cref="KafkaException">It is malformed.</exception>
    public static bool TryRead(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool hasValue, out string transactionalId, out TransactionState? state)
    {
        (transactionalId, state) = ("", null);
        var reader = new KafkaReader(key);
        if (reader.ReadInt16() != KeyVersion)
            return false;
        transactionalId = reader.ReadString(flexible: false) ?? throw Malformed("a name");
        state = hasValue ? ReadValue(transactionalId, value) : null;
        return true;
    }

    private static KafkaWriter WriteKey(string transactionalId, PooledBuffer scratch)
    {
        scratch.Clear();
        var writer = new KafkaWriter(scratch);
        writer.WriteInt16(KeyVersion);
        writer.WriteString(transactionalId, flexible: false);
        return writer;
    }

    private static TransactionState ReadValue(string id, ReadOnlyMemory<byte> value)
    {
        var reader = new KafkaReader(value);
        var version = reader.ReadInt16();
        if (version is < 0 or > ValueVersion)
            throw Malformed($"a known version (it has {version})");
        var flexible = version >= 1;
        var state = new TransactionState
        {
            TransactionalId = id,
            ProducerId = reader.ReadInt64(),
            ProducerEpoch = reader.ReadInt16(),
            TimeoutMs = reader.ReadInt32(),
            Status = (TransactionStatus)reader.ReadInt8(),
        };
        var partitions = ReadPartitions(ref reader, flexible);
        state = state with { Partitions = [.. partitions], UpdateMs = reader.ReadInt64(), StartMs = reader.ReadInt64() };
        return flexible ? ReadTags(ref reader, state) : state;
    }

    private static void WritePartitions(KafkaWriter writer, TransactionState state)
    {
        var topics = state.Partitions.GroupBy(p => p.Topic).ToList();
        writer.WriteArrayLength(topics.Count, flexible: true);
        foreach (var topic in topics)
        {
            writer.WriteString(topic.Key, flexible: true);
            writer.WriteArrayLength(topic.Count(), flexible: true);
            foreach (var partition in topic)
                writer.WriteInt32(partition.Partition);
            writer.WriteUnsignedVarInt(0);
        }
    }

    private static List<TopicPartition> ReadPartitions(ref KafkaReader reader, bool flexible)
    {
        var partitions = new List<TopicPartition>();
        for (var topics = reader.ReadArrayLength(flexible); topics > 0; topics--)
        {
            var topic = reader.ReadString(flexible) ?? throw Malformed("a topic");
            for (var count = reader.ReadArrayLength(flexible); count > 0; count--)
                partitions.Add(new TopicPartition(topic, reader.ReadInt32()));
            if (flexible)
                reader.SkipTaggedFields();
        }

        return partitions;
    }

    private static void WriteTags(KafkaWriter writer, TransactionState state)
    {
        var hasPrevious = state.PreviousProducerId >= 0;
        writer.WriteUnsignedVarInt((hasPrevious ? 1u : 0) + (state.BumpsEpochs ? 1u : 0));
        if (hasPrevious)
        {
            writer.WriteUnsignedVarInt(PreviousProducerIdTag);
            writer.WriteUnsignedVarInt(sizeof(long));
            writer.WriteInt64(state.PreviousProducerId);
        }

        if (state.BumpsEpochs)
        {
            writer.WriteUnsignedVarInt(ClientVersionTag);
            writer.WriteUnsignedVarInt(sizeof(short));
            writer.WriteInt16(BumpingClientVersion);
        }
    }

    private static TransactionState ReadTags(ref KafkaReader reader, TransactionState state)
    {
        for (var count = reader.ReadUnsignedVarInt(); count > 0; count--)
        {
            var tag = reader.ReadUnsignedVarInt();
            var size = reader.ReadUnsignedVarInt();
            if (tag == PreviousProducerIdTag && size == sizeof(long))
                state = state with { PreviousProducerId = reader.ReadInt64() };
            else if (tag == ClientVersionTag && size == sizeof(short))
                state = state with { BumpsEpochs = reader.ReadInt16() >= BumpingClientVersion };
            else
                reader.Skip(size);
        }

        return state;
    }

    private static KafkaException Malformed(string lacks) => new(ErrorCode.CorruptMessage, $"A transaction's state lacks {lacks}.");
}
