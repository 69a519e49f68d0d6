using System.Buffers.Binary;
using StreamSQL.Kafka.Compression;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// The 61-byte header of a record batch (format v2), read in place. The CRC covers all from the attributes to the end of the batch;
/// base offset and leader epoch lie before it, so the broker assigns them without touching the checksum.
/// </summary>
public readonly ref struct RecordBatchHeader
{
    /// <summary>Bytes of the header; the records follow.</summary>
    public const int Size = 61;

    /// <summary>Bytes before those that the length field counts: base offset and the length itself.</summary>
    public const int LogOverhead = 12;

    /// <summary>The only format that this broker stores.</summary>
    public const sbyte MagicV2 = 2;

    /// <summary>The producer id, and with -1 also epoch and sequence, of a batch without an idempotent producer.</summary>
    public const long NoProducerId = -1;

    /// <summary>Where the magic byte lies, in every format.</summary>
    public const int MagicAt = 16;

    internal const int BaseOffsetAt = 0;
    internal const int LengthAt = 8;
    internal const int LeaderEpochAt = 12;
    internal const int CrcAt = 17;
    internal const int AttributesAt = 21;
    internal const int LastOffsetDeltaAt = 23;
    internal const int BaseTimestampAt = 27;
    internal const int MaxTimestampAt = 35;
    internal const int ProducerIdAt = 43;
    internal const int ProducerEpochAt = 51;
    internal const int BaseSequenceAt = 53;
    internal const int CountAt = 57;

    private readonly ReadOnlySpan<byte> _batch;

    private RecordBatchHeader(ReadOnlySpan<byte> batch) => _batch = batch;

    /// <summary>
    /// Reads the header of the batch that <paramref name="source"/> begins with. False when the source does not hold the whole batch or
    /// the length is impossible; magic, counts and checksum are for <see cref="RecordBatchValidator"/>.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordBatchHeader header)
    {
        header = default;
        if (source.Length < Size)
            return false;
        int length = BinaryPrimitives.ReadInt32BigEndian(source[LengthAt..]);
        if (length < Size - LogOverhead || length > source.Length - LogOverhead)
            return false;
        header = new RecordBatchHeader(source[..(length + LogOverhead)]);
        return true;
    }

    /// <summary>
    /// The size in bytes of the batch that <paramref name="source"/> begins with, from its first 12 bytes; -1 when there are fewer bytes
    /// or the length is impossible. The batch itself need not be there yet.
    /// </summary>
    public static long PeekSize(ReadOnlySpan<byte> source)
    {
        if (source.Length < LogOverhead)
            return -1;
        int length = BinaryPrimitives.ReadInt32BigEndian(source[LengthAt..]);
        return length < Size - LogOverhead ? -1 : (long)length + LogOverhead;
    }

    /// <summary>The whole batch, header and records.</summary>
    public ReadOnlySpan<byte> Batch => _batch;

    /// <summary>The records (or, in a compressed batch, the compressed records).</summary>
    public ReadOnlySpan<byte> Records => _batch[Size..];

    /// <summary>
    /// The records uncompressed: as they are, or decompressed into a buffer that is cleared first and whose limit bounds them.
    /// </summary>
    /// <exception cref="KafkaException">As <see cref="RecordCompression.Decompress"/>.</exception>
    public ReadOnlySpan<byte> PlainRecords(PooledBuffer buffer)
    {
        if (Attributes.Compression == CompressionType.None || Count == 0)
            return Records;
        buffer.Clear();
        RecordCompression.Decompress(Attributes.Compression, Records, buffer);
        return buffer.WrittenSpan;
    }

    /// <summary>Bytes of the whole batch.</summary>
    public int SizeInBytes => _batch.Length;

    /// <summary>The offset of the first record.</summary>
    public long BaseOffset => BinaryPrimitives.ReadInt64BigEndian(_batch);

    /// <summary>The offset of the last record. After compaction the record itself may be gone.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The offset after this batch: by the last offset delta, not by the count, which compaction lowers.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>The epoch of the leader that appended the batch.</summary>
    public int LeaderEpoch => BinaryPrimitives.ReadInt32BigEndian(_batch[LeaderEpochAt..]);

    /// <summary>The format version, 2.</summary>
    public sbyte Magic => (sbyte)_batch[MagicAt];

    /// <summary>The stored checksum.</summary>
    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(_batch[CrcAt..]);

    /// <summary>The attribute bits.</summary>
    public RecordBatchAttributes Attributes => new(BinaryPrimitives.ReadInt16BigEndian(_batch[AttributesAt..]));

    /// <summary>The last record's offset, relative to the base offset.</summary>
    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(_batch[LastOffsetDeltaAt..]);

    /// <summary>The first record's timestamp, in milliseconds since 1970 (or the delete horizon, see the attributes).</summary>
    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(_batch[BaseTimestampAt..]);

    /// <summary>The largest timestamp of the batch, in milliseconds since 1970.</summary>
    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(_batch[MaxTimestampAt..]);

    /// <summary>The idempotent producer, or <see cref="NoProducerId"/>.</summary>
    public long ProducerId => BinaryPrimitives.ReadInt64BigEndian(_batch[ProducerIdAt..]);

    /// <summary>The producer's epoch.</summary>
    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_batch[ProducerEpochAt..]);

    /// <summary>The sequence number of the first record; sequences wrap from int.MaxValue to 0.</summary>
    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(_batch[BaseSequenceAt..]);

    /// <summary>The sequence number of the last record, wrapped.</summary>
    public int LastSequence => ProducerSequence.Add(BaseSequence, LastOffsetDelta);

    /// <summary>How many records the batch holds.</summary>
    public int Count => BinaryPrimitives.ReadInt32BigEndian(_batch[CountAt..]);

    /// <summary>Whether an idempotent producer wrote the batch.</summary>
    public bool HasProducerId => ProducerId > NoProducerId;

    /// <summary>Computes the checksum of the batch as it stands.</summary>
    public uint ComputeCrc() => Crc32C.Compute(_batch[AttributesAt..]);

    /// <summary>Sets the base offset of the batch in place. Outside the checksum.</summary>
    public static void SetBaseOffset(Span<byte> batch, long offset) => BinaryPrimitives.WriteInt64BigEndian(batch, offset);

    /// <summary>Sets the leader epoch of the batch in place. Outside the checksum.</summary>
    public static void SetLeaderEpoch(Span<byte> batch, int epoch) => BinaryPrimitives.WriteInt32BigEndian(batch[LeaderEpochAt..], epoch);

    /// <summary>Stamps producer id, epoch, first sequence and the transactional bit in place, and writes the new checksum.</summary>
    public static void StampProducer(Span<byte> batch, long producerId, short producerEpoch, int baseSequence, bool transactional)
    {
        RecordBatchAttributes attributes = new(BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]));
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], attributes.WithTransactional(transactional).Bits);
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdAt..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpochAt..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequenceAt..], baseSequence);
        WriteCrc(batch);
    }

    /// <summary>Turns the batch into one with the broker's append time, in place, and writes the new checksum.</summary>
    public static void StampAppendTime(Span<byte> batch, long timestampMs)
    {
        RecordBatchAttributes attributes = new(BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]));
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], attributes.WithTimestampType(TimestampType.LogAppendTime).Bits);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampAt..], timestampMs);
        WriteCrc(batch);
    }

    /// <summary>Computes and stores the checksum of exactly one batch.</summary>
    public static void WriteCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc32C.Compute(batch[AttributesAt..]));
}
