using StreamSQL.Broker.Partitions;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Offsets;

/// <summary>
/// A record of <c>__consumer_offsets</c> that holds a group's offset, in Kafka's format; without a value it deletes the offset. Records
/// with other keys belong to the group coordinator.
/// </summary>
internal readonly record struct OffsetRecord(string GroupId, TopicPartition Partition, CommittedOffset? Committed)
{
    private const short ValueVersion = 3; // what brokers before Kafka 4.1 read as well

    /// <summary>Appends the record to a batch.</summary>
    public void AppendTo(RecordBatchBuilder batch, PooledBuffer scratch, long nowMs)
    {
        scratch.Clear();
        OffsetCommitKey.Codec.Write(scratch,
            new OffsetCommitKey { Group = GroupId, Topic = Partition.Topic, Partition = Partition.Partition });
        int keyLength = scratch.Length;
        if (Committed is { } committed)
        {
            var value = new OffsetCommitValue
            {
                Offset = committed.Offset,
                LeaderEpoch = committed.LeaderEpoch,
                Metadata = committed.Metadata,
                CommitTimestamp = committed.CommitTimestampMs,
            };
            OffsetCommitValue.Codec.Write(scratch, value, ValueVersion);
        }
        ReadOnlySpan<byte> bytes = scratch.WrittenSpan;
        batch.Append(bytes[..keyLength], true, bytes[keyLength..], Committed is not null, nowMs);
    }

    /// <summary>Reads a record; false when its key is of another kind.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/>.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool hasValue, out OffsetRecord record)
    {
        record = default;
        if (CoordinatorCodec.TypeOf(key) is not (OffsetCommitKey.LegacyType or OffsetCommitKey.Type))
            return false;
        OffsetCommitKey name = OffsetCommitKey.Codec.Read(key);
        record = new OffsetRecord(name.Group, new TopicPartition(name.Topic, name.Partition), hasValue ? ReadValue(value) : null);
        return true;
    }

    private static CommittedOffset ReadValue(ReadOnlyMemory<byte> bytes)
    {
        OffsetCommitValue value = OffsetCommitValue.Codec.Read(bytes);
        return new CommittedOffset(value.Offset, value.LeaderEpoch, value.Metadata, value.CommitTimestamp);
    }
}
