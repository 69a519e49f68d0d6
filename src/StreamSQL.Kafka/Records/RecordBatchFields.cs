using System.Buffers.Binary;

namespace StreamSQL.Kafka.Records;

/// <summary>All fields of a record batch header but the length and the checksum, which follow from the bytes.</summary>
public readonly record struct RecordBatchFields()
{
    /// <summary>The offset of the first record.</summary>
    public long BaseOffset { get; init; }

    /// <summary>The epoch of the leader that appends the batch; -1 when the broker sets it.</summary>
    public int LeaderEpoch { get; init; } = -1;

    /// <summary>The attribute bits.</summary>
    public RecordBatchAttributes Attributes { get; init; }

    /// <summary>The last record's offset, relative to the base offset.</summary>
    public int LastOffsetDelta { get; init; }

    /// <summary>The first record's timestamp, in milliseconds since 1970.</summary>
    public long BaseTimestamp { get; init; }

    /// <summary>The largest timestamp, in milliseconds since 1970.</summary>
    public long MaxTimestamp { get; init; }

    /// <summary>The idempotent producer, or -1.</summary>
    public long ProducerId { get; init; } = RecordBatchHeader.NoProducerId;

    /// <summary>The producer's epoch, or -1.</summary>
    public short ProducerEpoch { get; init; } = -1;

    /// <summary>The first record's sequence, or -1.</summary>
    public int BaseSequence { get; init; } = ProducerSequence.None;

    /// <summary>How many records the batch holds.</summary>
    public int Count { get; init; }

    /// <summary>
    /// Writes the header over the first 61 bytes of <paramref name="batch"/>, which is exactly one batch, with length and checksum.
    /// </summary>
    public void WriteTo(Span<byte> batch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LengthAt..], batch.Length - RecordBatchHeader.LogOverhead);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LeaderEpochAt..], LeaderEpoch);
        batch[RecordBatchHeader.MagicAt] = (byte)RecordBatchHeader.MagicV2;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.AttributesAt..], Attributes.Bits);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LastOffsetDeltaAt..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.BaseTimestampAt..], BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampAt..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.ProducerIdAt..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.ProducerEpochAt..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.BaseSequenceAt..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.CountAt..], Count);
        RecordBatchHeader.WriteCrc(batch);
    }
}
