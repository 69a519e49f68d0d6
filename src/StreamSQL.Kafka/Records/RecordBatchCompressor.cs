using System.Buffers.Binary;
using StreamSQL.Kafka.Compression;

namespace StreamSQL.Kafka.Records;

/// <summary>Gives a batch another compression, which changes its attributes, its length and its checksum, and nothing else.</summary>
public static class RecordBatchCompressor
{
    /// <summary>Appends the batch with its records in another compression.</summary>
    /// <param name="batch">An intact batch whose records were checked.</param>
    /// <param name="compression">The compression of the new batch.</param>
    /// <param name="maxDecompressedBytes">So many bytes of records at most.</param>
    /// <param name="target">Where the new batch is appended; empty before.</param>
    /// <param name="level">The level, see <see cref="RecordCompression.Compress"/>; null for the fastest.</param>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when the records do not
    /// decompress within the bound.</exception>
    public static void Recompress(RecordBatchHeader batch, CompressionType compression, int maxDecompressedBytes, PooledBuffer target,
        int? level = null)
    {
        target.Append(batch.Batch[..RecordBatchHeader.Size]);
        using (var plain = new PooledBuffer(maxDecompressedBytes))
            RecordCompression.Compress(compression, batch.PlainRecords(plain), target, level);

        Span<byte> written = target.WrittenSpan;
        BinaryPrimitives.WriteInt32BigEndian(written[RecordBatchHeader.LengthAt..], written.Length - RecordBatchHeader.LogOverhead);
        BinaryPrimitives.WriteInt16BigEndian(
            written[RecordBatchHeader.AttributesAt..], batch.Attributes.WithCompression(compression).Bits);
        RecordBatchHeader.WriteCrc(written);
    }
}
