using System.Buffers.Binary;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// The control record that ends a transaction in a partition (KIP-98). Its key is (version int16, type int16: 0 abort, 1 commit), its
/// value (version int16, coordinator epoch int32).
/// </summary>
public readonly record struct TransactionMarker(bool Commit, int CoordinatorEpoch)
{
    /// <summary>Bytes of a batch that holds one marker.</summary>
    public const int BatchSize = RecordBatchHeader.Size + RecordSize;

    private const int RecordSize = 17;
    private const int KeySize = 4;
    private const int ValueSize = 6;
    private const short AbortType = 0;
    private const short CommitType = 1;

    /// <summary>
    /// Writes a batch that holds this marker alone into the first <see cref="BatchSize"/> bytes of <paramref name="target"/>.
    /// </summary>
    public void WriteBatch(Span<byte> target, long producerId, short producerEpoch, long timestampMs)
    {
        Span<byte> batch = target[..BatchSize];
        Span<byte> record = batch[RecordBatchHeader.Size..];
        record[0] = (byte)VarInt.ZigZag(RecordSize - 1);
        record[1] = 0; // attributes
        record[2] = 0; // timestamp delta
        record[3] = 0; // offset delta
        record[4] = (byte)VarInt.ZigZag(KeySize);
        BinaryPrimitives.WriteInt16BigEndian(record[5..], 0);
        BinaryPrimitives.WriteInt16BigEndian(record[7..], Commit ? CommitType : AbortType);
        record[9] = (byte)VarInt.ZigZag(ValueSize);
        BinaryPrimitives.WriteInt16BigEndian(record[10..], 0);
        BinaryPrimitives.WriteInt32BigEndian(record[12..], CoordinatorEpoch);
        record[16] = 0; // header count
        var fields = new RecordBatchFields
        {
            Attributes = new RecordBatchAttributes(CompressionType.None, transactional: true, control: true),
            BaseTimestamp = timestampMs,
            MaxTimestamp = timestampMs,
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            Count = 1,
        };
        fields.WriteTo(batch);
    }

    /// <summary>Reads the marker of a control batch; false when its first record is another kind of control record or malformed.</summary>
    public static bool TryRead(RecordBatchHeader batch, out TransactionMarker marker)
    {
        marker = default;
        if (!batch.Attributes.IsControl || batch.Count < 1 || batch.Records.Length < RecordSize)
            return false;
        ReadOnlySpan<byte> source = batch.Records;
        int at = 0;
        if (!VarInt.TryReadInt32(source, ref at, out int length) || length < RecordSize - 1 || length > source.Length - at)
            return false;
        at++; // attributes
        if (!VarInt.TryReadInt64(source, ref at, out _) || !VarInt.TryReadInt32(source, ref at, out _)
            || !VarInt.TryReadInt32(source, ref at, out int keyLength) || keyLength < KeySize || keyLength > source.Length - at)
            return false;
        short type = BinaryPrimitives.ReadInt16BigEndian(source[(at + 2)..]);
        at += keyLength;
        if (type is not (AbortType or CommitType)
            || !VarInt.TryReadInt32(source, ref at, out int valueLength) || valueLength < ValueSize || valueLength > source.Length - at)
            return false;
        marker = new TransactionMarker(type == CommitType, BinaryPrimitives.ReadInt32BigEndian(source[(at + 2)..]));
        return true;
    }
}
