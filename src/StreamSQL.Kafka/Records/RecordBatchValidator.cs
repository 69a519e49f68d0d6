namespace StreamSQL.Kafka.Records;

/// <summary>Checks of record batches that came from outside: from a client or from disk.</summary>
public static class RecordBatchValidator
{
    private const long NoTimestamp = -1;

    /// <summary>
    /// Checks that <paramref name="bytes"/> begin with a whole, intact batch: length, magic, counts, checksum. The records are not looked
    /// at.
    /// </summary>
    /// <returns>
    /// <see cref="ErrorCode.None"/>; <see cref="ErrorCode.UnsupportedForMessageFormat"/> for an older format;
    /// <see cref="ErrorCode.InvalidRecord"/> for intact bytes with counts that cannot be;
    /// <see cref="ErrorCode.CorruptMessage"/> for all else.
    /// </returns>
    public static ErrorCode CheckIntact(ReadOnlySpan<byte> bytes, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(bytes, out header))
            return IsOlderFormat(bytes) ? ErrorCode.UnsupportedForMessageFormat : ErrorCode.CorruptMessage;
        if (header.Magic != RecordBatchHeader.MagicV2)
            return IsOlderFormat(bytes) ? ErrorCode.UnsupportedForMessageFormat : ErrorCode.CorruptMessage;
        if (header.Crc != header.ComputeCrc())
            return ErrorCode.CorruptMessage;
        bool hasLawfulCounts = header.LastOffsetDelta >= 0 && header.Count >= 0 && header.Count - 1 <= header.LastOffsetDelta;
        return hasLawfulCounts ? ErrorCode.None : ErrorCode.InvalidRecord;
    }

    /// <summary>
    /// Checks the rules for a batch that a client produces, given that it is intact: no control bit, offsets without gaps, a producer id
    /// only with epoch and sequence, a transactional batch only with a producer id.
    /// </summary>
    /// <returns><see cref="ErrorCode.None"/> or <see cref="ErrorCode.InvalidRecord"/>.</returns>
    public static ErrorCode CheckProduced(RecordBatchHeader header)
    {
        RecordBatchAttributes attributes = header.Attributes;
        bool producerOk = header.HasProducerId
            ? header.ProducerEpoch >= 0 && header.BaseSequence >= 0
            : header.ProducerId == RecordBatchHeader.NoProducerId && !attributes.IsTransactional;
        bool ok = producerOk && !attributes.IsControl && header.Count > 0 && header.LastOffsetDelta == header.Count - 1;
        return ok ? ErrorCode.None : ErrorCode.InvalidRecord;
    }

    /// <summary>
    /// Checks uncompressed records that a client produced: each is well-formed with its headers, offset deltas count up from 0, and, for a
    /// compacted topic, each has a key.
    /// </summary>
    /// <returns><see cref="ErrorCode.None"/>, <see cref="ErrorCode.InvalidRecord"/> or <see cref="ErrorCode.CorruptMessage"/>.</returns>
    public static ErrorCode CheckRecords(ReadOnlySpan<byte> records, int count, bool requireKeys)
    {
        int ordinary = RecordFraming.SkipOrdinary(records, count, requireKeys, out int position);
        try
        {
            var reader = new RecordBatchReader(records[position..], count - ordinary);
            for (int expected = ordinary; reader.MoveNext(); expected++)
            {
                if (reader.OffsetDelta != expected || (requireKeys && !reader.HasKey))
                    return ErrorCode.InvalidRecord;
                if (reader.HeaderCount > 0)
                    CheckHeaders(reader.GetHeaders());
            }
            return ErrorCode.None;
        }
        catch (KafkaException e)
        {
            return e.Code;
        }
    }

    /// <summary>
    /// Checks the records of a batch that a client produced, as <see cref="CheckRecords(ReadOnlySpan{byte}, int, bool)"/> does, whether
    /// they are compressed or not. At most <paramref name="maxDecompressedBytes"/> are decompressed.
    /// </summary>
    /// <returns>
    /// As above; <see cref="ErrorCode.CorruptMessage"/> also for more bytes than that, <see cref="ErrorCode.UnsupportedCompressionType"/>
    /// for a type that is not defined.
    /// </returns>
    public static ErrorCode CheckRecords(RecordBatchHeader header, bool requireKeys, int maxDecompressedBytes)
    {
        using var decompressed = new PooledBuffer(maxDecompressedBytes);
        try
        {
            return CheckRecords(header.PlainRecords(decompressed), header.Count, requireKeys);
        }
        catch (KafkaException e)
        {
            return e.Code;
        }
    }

    /// <summary>
    /// Checks that the records of a checked batch carry times within bounds (<c>message.timestamp.before.max.ms</c> and
    /// <c>message.timestamp.after.max.ms</c>). A record without a time (-1) passes.
    /// </summary>
    /// <param name="header">The batch.</param>
    /// <param name="earliestMs">The earliest time allowed; <see cref="long.MinValue"/> for no bound:
    /// then no record need be looked at.</param>
    /// <param name="latestMs">The latest time allowed.</param>
    /// <param name="maxDecompressedBytes">So many bytes of records at most.</param>
    /// <returns><see cref="ErrorCode.None"/>, <see cref="ErrorCode.InvalidTimestamp"/> or what decompression gives.</returns>
    public static ErrorCode CheckTimestamps(RecordBatchHeader header, long earliestMs, long latestMs, int maxDecompressedBytes)
    {
        if (header.MaxTimestamp > latestMs)
            return ErrorCode.InvalidTimestamp;
        if (earliestMs == long.MinValue)
            return ErrorCode.None;
        using var decompressed = new PooledBuffer(maxDecompressedBytes);
        try
        {
            var reader = new RecordBatchReader(header.PlainRecords(decompressed), header.Count);
            while (reader.MoveNext())
            {
                if (!IsWithin(header.BaseTimestamp + reader.TimestampDelta, earliestMs, latestMs))
                    return ErrorCode.InvalidTimestamp;
            }
            return ErrorCode.None;
        }
        catch (KafkaException e)
        {
            return e.Code;
        }
    }

    /// <summary>Whether a record's time is within bounds, or is none (-1).</summary>
    public static bool IsWithin(long timestampMs, long earliestMs, long latestMs) =>
        timestampMs == NoTimestamp || (timestampMs >= earliestMs && timestampMs <= latestMs);

    private static void CheckHeaders(RecordHeaderReader headers)
    {
        while (headers.MoveNext())
        {
        }
    }

    // Formats v0 and v1 keep their magic byte at the same place.
    private static bool IsOlderFormat(ReadOnlySpan<byte> bytes) =>
        bytes.Length > RecordBatchHeader.MagicAt && bytes[RecordBatchHeader.MagicAt] < RecordBatchHeader.MagicV2;
}
