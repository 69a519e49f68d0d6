using StreamSQL.Kafka.Compression.Zstd;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// Compresses and decompresses the records of a batch. The output of decompression is bounded, so a bomb cannot take the memory.
/// </summary>
public static class RecordCompression
{
    /// <summary>Appends the decompressed bytes to <paramref name="target"/>, whose limit bounds them.</summary>
    /// <exception cref="KafkaException">
    /// <see cref="ErrorCode.CorruptMessage"/> for malformed data or data beyond the limit;
    /// <see cref="ErrorCode.UnsupportedCompressionType"/> for a type that is not defined.
    /// </exception>
    public static void Decompress(CompressionType type, ReadOnlySpan<byte> source, PooledBuffer target)
    {
        switch (type)
        {
            case CompressionType.None:
                target.Append(source);
                break;
            case CompressionType.Gzip:
                Gzip.Decompress(source, target);
                break;
            case CompressionType.Snappy:
                SnappyFrame.Decompress(source, target);
                break;
            case CompressionType.Lz4:
                Lz4Frame.Decompress(source, target);
                break;
            case CompressionType.Zstd:
                ZstdFrame.Decompress(source, target);
                break;
            default:
                throw Unknown(type);
        }
    }

    /// <summary>Appends the compressed bytes to <paramref name="target"/>.</summary>
    /// <param name="type">How they are compressed.</param>
    /// <param name="source">What is compressed.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="gzipLevel">gzip's level, see <see cref="Gzip.Compress"/>; the other encoders have one level.</param>
    /// <exception cref="KafkaException"><see cref="ErrorCode.UnsupportedCompressionType"/> for a type that is not defined.</exception>
    public static void Compress(CompressionType type, ReadOnlySpan<byte> source, PooledBuffer target, int? gzipLevel = null)
    {
        switch (type)
        {
            case CompressionType.None:
                target.Append(source);
                break;
            case CompressionType.Gzip:
                Gzip.Compress(source, target, gzipLevel);
                break;
            case CompressionType.Snappy:
                SnappyFrame.Compress(source, target);
                break;
            case CompressionType.Lz4:
                Lz4Frame.Compress(source, target);
                break;
            case CompressionType.Zstd:
                ZstdFrame.Compress(source, target);
                break;
            default:
                throw Unknown(type);
        }
    }

    internal static KafkaException Corrupt(string what) => new(ErrorCode.CorruptMessage, what);

    private static KafkaException Unknown(CompressionType type) =>
        new(ErrorCode.UnsupportedCompressionType, $"Compression type {(int)type} is not supported.");
}
