using StreamSQL.Kafka.Compression.Zstd;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// Compresses and decompresses the records of a batch. The output of decompression is bounded, so a bomb cannot take the memory.
/// </summary>
public static class RecordCompression
{
    private const int FastLz4 = 9; // the default of compression.lz4.level, for which Kafka takes the fast encoder too (KIP-390)
    private const int FastZstd = 3;
    private const int MaxEffort = 8;

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
    /// <param name="level">
    /// gzip: see <see cref="Gzip.Compress"/>; LZ4: 1 to 17, where 9 is the fast way; Zstandard: to 22, where up to 3 it is fast. Otherwise
    /// the higher, the more time is spent to make it smaller. Null: the fastest.
    /// </param>
    /// <exception cref="KafkaException"><see cref="ErrorCode.UnsupportedCompressionType"/> for a type that is not defined.</exception>
    public static void Compress(CompressionType type, ReadOnlySpan<byte> source, PooledBuffer target, int? level = null)
    {
        switch (type)
        {
            case CompressionType.None:
                target.Append(source);
                break;
            case CompressionType.Gzip:
                Gzip.Compress(source, target, level);
                break;
            case CompressionType.Snappy:
                SnappyFrame.Compress(source, target);
                break;
            case CompressionType.Lz4:
                Lz4Frame.Compress(source, target, level is { } lz4 and not FastLz4 ? PlacesOf(lz4) : 1);
                break;
            case CompressionType.Zstd:
                ZstdFrame.Compress(source, target, level is { } zstd ? PlacesOf(zstd - FastZstd + 1) : 1);
                break;
            default:
                throw Unknown(type);
        }
    }

    /// <summary>How many earlier places the encoders of the LZ77 family compare: twice as many for each step above the first.</summary>
    private static int PlacesOf(int step) => 1 << Math.Clamp(step - 1, 0, MaxEffort);

    internal static KafkaException Corrupt(string what) => new(ErrorCode.CorruptMessage, what);

    private static KafkaException Unknown(CompressionType type) =>
        new(ErrorCode.UnsupportedCompressionType, $"Compression type {(int)type} is not supported.");
}
