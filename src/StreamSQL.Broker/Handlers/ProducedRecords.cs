using System.Buffers.Binary;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Handlers;

/// <summary>What is asked of the records of a Produce request before any partition looks at them.</summary>
internal static class ProducedRecords
{
    private const int MinSize = 14; // no format has smaller records
    private const short FirstWithZstd = 7;

    /// <summary>
    /// Checks that there is exactly one batch, of format v2, that counts from offset 0. What follows a batch and is none is ignored.
    /// </summary>
    /// <param name="records">The records of a partition.</param>
    /// <param name="version">The version of the request.</param>
    /// <param name="size">The size of the batch in bytes.</param>
    /// <returns>
    /// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.InvalidRecord"/>, <see cref="ErrorCode.UnsupportedCompressionType"/> for zstd in
    /// versions that do not know it (KIP-110), <see cref="ErrorCode.CorruptMessage"/> for what no format begins with.
    /// </returns>
    public static ErrorCode Check(ReadOnlySpan<byte> records, short version, out int size)
    {
        ErrorCode error = Measure(records, out size);
        if (error != ErrorCode.None)
            return error;
        if (size == 0 || records[RecordBatchHeader.MagicAt] != RecordBatchHeader.MagicV2)
            return ErrorCode.InvalidRecord;
        if (version < FirstWithZstd && RecordBatchHeader.TryRead(records, out RecordBatchHeader batch)
            && batch.Attributes.Compression == CompressionType.Zstd)
            return ErrorCode.UnsupportedCompressionType;
        error = Measure(records[size..], out int second);
        if (error != ErrorCode.None)
            return error;
        return second > 0 || BinaryPrimitives.ReadInt64BigEndian(records) != 0 ? ErrorCode.InvalidRecord : ErrorCode.None;
    }

    /// <summary>
    /// Checks the producers of all batches together: transactional batches need a transactional id, and are of one producer.
    /// </summary>
    /// <returns>
    /// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.TransactionalIdAuthorizationFailed"/> or
    /// <see cref="ErrorCode.InvalidProducerIdMapping"/>: then nothing of the request is appended.
    /// </returns>
    public static ErrorCode CheckProducers(ProduceRequest request)
    {
        long producerId = RecordBatchHeader.NoProducerId;
        foreach (ProduceRequest.Topic topic in request.TopicData)
        {
            foreach (ProduceRequest.Partition partition in topic.PartitionData)
            {
                if (!RecordBatchHeader.TryRead(partition.Records.Span, out RecordBatchHeader batch)
                    || batch.Magic != RecordBatchHeader.MagicV2 || !batch.Attributes.IsTransactional)
                    continue;
                if (request.TransactionalId is null)
                    return ErrorCode.TransactionalIdAuthorizationFailed;
                if (producerId != RecordBatchHeader.NoProducerId && producerId != batch.ProducerId)
                    return ErrorCode.InvalidProducerIdMapping;
                producerId = batch.ProducerId;
            }
        }
        return ErrorCode.None;
    }

    /// <summary>The size of the batch at the beginning, of whatever format; 0 when there is no whole one.</summary>
    private static ErrorCode Measure(ReadOnlySpan<byte> bytes, out int size)
    {
        size = 0;
        if (bytes.Length <= RecordBatchHeader.MagicAt)
            return ErrorCode.None;
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes[sizeof(long)..]);
        if (length < MinSize || bytes[RecordBatchHeader.MagicAt] > RecordBatchHeader.MagicV2)
            return ErrorCode.CorruptMessage;
        if (length <= bytes.Length - RecordBatchHeader.LogOverhead)
            size = RecordBatchHeader.LogOverhead + length;
        return ErrorCode.None;
    }
}
