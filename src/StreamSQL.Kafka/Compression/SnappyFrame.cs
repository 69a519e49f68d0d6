using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// The framing of snappy-java, which Java clients use: a magic, two versions, then blocks of raw Snappy, each behind its length (int32,
/// big-endian). Other clients send one raw block; both are read.
/// </summary>
internal static class SnappyFrame
{
    private const int HeaderSize = 16;
    private const int BlockSize = 64 * 1024;

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    private static ReadOnlySpan<byte> Header =>
        [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (!source.StartsWith(Magic))
        {
            SnappyBlock.Decompress(source, target);
            return;
        }
        while (!source.IsEmpty)
        {
            // Streams may be joined: a header can stand where a block is expected.
            if (source.StartsWith(Magic))
            {
                if (source.Length < HeaderSize)
                    throw CutShort();
                source = source[HeaderSize..];
                continue;
            }
            if (source.Length < sizeof(int))
                throw CutShort();
            int length = BinaryPrimitives.ReadInt32BigEndian(source);
            if (length < 0 || length > source.Length - sizeof(int))
                throw CutShort();
            SnappyBlock.Decompress(source.Slice(sizeof(int), length), target);
            source = source[(sizeof(int) + length)..];
        }
    }

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        target.Append(Header);
        while (!source.IsEmpty)
        {
            int length = Math.Min(source.Length, BlockSize);
            int lengthAt = target.Length;
            target.AppendRepeated(0, sizeof(int));
            SnappyBlock.Compress(source[..length], target);
            BinaryPrimitives.WriteInt32BigEndian(target.WrittenSpan[lengthAt..], target.Length - lengthAt - sizeof(int));
            source = source[length..];
        }
    }

    private static KafkaException CutShort() => RecordCompression.Corrupt("The snappy data is cut short.");
}
