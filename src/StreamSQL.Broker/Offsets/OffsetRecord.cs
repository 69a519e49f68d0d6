using System.Diagnostics.CodeAnalysis;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Kafka.Protocol;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Offsets;

/// <summary>
/// A record of <c>__consumer_offsets</c> that holds a group's offset, in Kafka's format: OffsetCommitKey 1, OffsetCommitValue 3 (read: up
/// to
/// 3); without a value it deletes the offset. Records with other keys belong to the group coordinator.
/// </summary>
internal readonly record struct OffsetRecord(string GroupId, TopicPartition Partition, CommittedOffset? Committed)
{
    private const short KeyVersion = 1;
    private const short ValueVersion = 3;

    /// <summary>Appends the record to a batch.</summary>
    public void AppendTo(RecordBatchBuilder batch, PooledBuffer scratch, long nowMs)
    {
        scratch.Clear();
        var writer = new KafkaWriter(scratch);
        writer.WriteInt16(KeyVersion);
        writer.WriteString(GroupId, flexible: false);
        writer.WriteString(Partition.Topic, flexible: false);
        writer.WriteInt32(Partition.Partition);
        var keyLength = scratch.Length;
        if (Committed is { } committed)
        {
            writer.WriteInt16(ValueVersion);
            writer.WriteInt64(committed.Offset);
            writer.WriteInt32(committed.LeaderEpoch);
            writer.WriteString(committed.Metadata, flexible: false);
            writer.WriteInt64(committed.CommitTimestampMs);
        }

        var bytes = scratch.WrittenSpan;
        batch.Append(bytes[..keyLength], true, bytes[keyLength..], Committed is not null, nowMs);
    }

    /// <summary>Reads a record; false when its key is of another kind.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/>.</exception>
    public static bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool hasValue, out OffsetRecord record)
    {
        record = default;
        var keyReader = new KafkaReader(key);
        if (keyReader.ReadInt16() is not (0 or KeyVersion))
            return false;
        var group = Required(keyReader.ReadString(flexible: false));
        var partition = new TopicPartition(Required(keyReader.ReadString(flexible: false)), keyReader.ReadInt32());
        record = new OffsetRecord(group, partition, hasValue ? ReadValue(value) : null);
        return true;
    }

    private static CommittedOffset ReadValue(ReadOnlyMemory<byte> value)
    {
        var reader = new KafkaReader(value);
        var version = reader.ReadInt16();
        if (version is < 0 or > ValueVersion)
            throw new KafkaException(ErrorCode.CorruptMessage, $"A committed offset has the unknown version {version}.");
        var offset = reader.ReadInt64();
        var leaderEpoch = version >= 3 ? reader.ReadInt32() : -1;
        var metadata = Required(reader.ReadString(flexible: false));
        return new CommittedOffset(offset, leaderEpoch, metadata, reader.ReadInt64());
    }

    private static string Required([NotNull] string? text) =>
        text ?? throw new KafkaException(ErrorCode.CorruptMessage, "A committed offset lacks a name.");
}
