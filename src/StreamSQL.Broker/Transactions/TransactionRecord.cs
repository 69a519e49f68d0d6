using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Transactions;

/// <summary>Records of <c>__transaction_state</c>, in Kafka's format.</summary>
internal static class TransactionRecord
{
    private const short BumpingClientVersion = 2;

    /// <summary>Appends the state of a transactional id to a batch.</summary>
    public static void Append(RecordBatchBuilder batch, TransactionState state, PooledBuffer scratch)
    {
        int keyLength = WriteKey(state.TransactionalId, scratch);
        TransactionLogValue.Codec.Write(scratch, new TransactionLogValue
        {
            ProducerId = state.ProducerId,
            PreviousProducerId = state.PreviousProducerId,
            ProducerEpoch = state.ProducerEpoch,
            LastProducerEpoch = state.LastEpoch,
            TransactionTimeoutMs = state.TimeoutMs,
            TransactionStatus = (sbyte)state.Status,
            TransactionPartitions =
            [
                .. state.Partitions.GroupBy(p => p.Topic).Select(topic =>
                    new TransactionLogValue.Topic { Name = topic.Key, PartitionIds = [.. topic.Select(p => p.Partition)] }),
            ],
            TransactionLastUpdateTimestampMs = state.UpdateMs,
            TransactionStartTimestampMs = state.StartMs,
            ClientTransactionVersion = state.BumpsEpochs ? BumpingClientVersion : (short)0,
        });
        ReadOnlySpan<byte> bytes = scratch.WrittenSpan;
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
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/>.</exception>
    public static bool TryRead(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool hasValue, out string transactionalId, out TransactionState? state)
    {
        (transactionalId, state) = ("", null);
        if (CoordinatorCodec.TypeOf(key) != TransactionLogKey.Type)
            return false;
        transactionalId = TransactionLogKey.Codec.Read(key).TransactionalId;
        state = hasValue ? ReadValue(transactionalId, value) : null;
        return true;
    }

    private static int WriteKey(string transactionalId, PooledBuffer scratch)
    {
        scratch.Clear();
        TransactionLogKey.Codec.Write(scratch, new TransactionLogKey { TransactionalId = transactionalId });
        return scratch.Length;
    }

    private static TransactionState ReadValue(string id, ReadOnlyMemory<byte> bytes)
    {
        TransactionLogValue value = TransactionLogValue.Codec.Read(bytes);
        return new TransactionState
        {
            TransactionalId = id,
            ProducerId = value.ProducerId,
            PreviousProducerId = value.PreviousProducerId,
            ProducerEpoch = value.ProducerEpoch,
            LastEpoch = value.LastProducerEpoch,
            TimeoutMs = value.TransactionTimeoutMs,
            Status = (TransactionStatus)value.TransactionStatus,
            Partitions =
            [
                .. (value.TransactionPartitions ?? []).SelectMany(t => t.PartitionIds.Select(p => new TopicPartition(t.Name, p))),
            ],
            UpdateMs = value.TransactionLastUpdateTimestampMs,
            StartMs = value.TransactionStartTimestampMs,
            BumpsEpochs = value.ClientTransactionVersion >= BumpingClientVersion,
        };
    }
}
