using System.Buffers.Binary;
using System.IO.Compression;

namespace StreamSQL.Kafka.Compression;

/// <summary>gzip (RFC 1952), by the runtime's own zlib.</summary>
internal static class Gzip
{
    private const int ChunkSize = 16 * 1024;
    private const int HeaderAndTrailer = 18;

    private static ReadOnlySpan<byte> EmptyMember => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static unsafe void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (source.Length < HeaderAndTrailer)
            throw CutShort();
        fixed (byte* pointer = source)
        {
            using var input = new UnmanagedMemoryStream(pointer, source.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            int start = target.Length;
            Span<byte> probe = stackalloc byte[1]; // at the limit: is there more?
            try
            {
                int read;
                while ((read = gzip.Read(target.Room == 0 ? probe : target.GetSpan(Math.Min(ChunkSize, target.Room)))) > 0)
                {
                    if (target.Room == 0)
                        throw RecordCompression.Corrupt("The gzip data is larger than the limit.");
                    target.Advance(read);
                }
            }
            catch (InvalidDataException e)
            {
                throw new KafkaException(ErrorCode.CorruptMessage, "The gzip data is malformed.", e);
            }
            // The runtime takes the end of its input for the end of the data; the trailer holds the size modulo 2^32.
            if (BinaryPrimitives.ReadInt32LittleEndian(source[^4..]) != target.Length - start)
                throw CutShort();
        }
    }

    /// <summary>Appends the source as one member.</summary>
    /// <param name="source">What is compressed.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="level">1 (fast) to 9 (small), or -1 for zlib's default; null for the fastest way of the runtime.</param>
    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target, int? level)
    {
        if (source.IsEmpty)
        {
            target.Append(EmptyMember); // the runtime's stream writes nothing at all when it is given nothing
            return;
        }
        using var output = new MemoryStream();
        using (GZipStream gzip = Open(output, level))
            gzip.Write(source);
        target.Append(output.GetBuffer().AsSpan(0, (int)output.Length));
    }

    private static GZipStream Open(Stream output, int? level) => level is { } wanted
        ? new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = wanted }, leaveOpen: true)
        : new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);

    private static KafkaException CutShort() => RecordCompression.Corrupt("The gzip data is cut short.");
}
