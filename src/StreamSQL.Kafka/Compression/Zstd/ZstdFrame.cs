using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Zstandard frames (RFC 8878). All is read but dictionaries. What is written uses matches within 64 KiB, a Huffman code for text and the
/// predefined tables for sequences.
/// </summary>
internal static class ZstdFrame
{
    /// <summary>The most bytes that a block holds, compressed or not.</summary>
    public const int MaxBlockSize = 128 * 1024;

    private const uint Magic = 0xFD2FB528;
    private const uint SkippableMagic = 0x184D2A50;
    private const uint SkippableMask = 0xFFFFFFF0;
    private const int BlockHeaderSize = 3;
    private const byte WrittenDescriptor = 0xA0; // single segment, content size in four bytes

    private enum BlockType
    {
        Raw = 0,
        Rle = 1,
        Compressed = 2,
    }

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (source.IsEmpty)
            throw Malformed();
        using var literals = new LiteralsReader();
        var sequences = new SequencesReader();
        while (!source.IsEmpty)
        {
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref source, sizeof(uint)));
            if ((magic & SkippableMask) == SkippableMagic)
            {
                uint size = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref source, sizeof(uint)));
                Take(ref source, size);
                continue;
            }
            if (magic != Magic)
                throw RecordCompression.Corrupt("The data is not a Zstandard frame.");
            literals.Reset();
            sequences.Reset();
            ReadFrame(ref source, target, literals, sequences);
        }
    }

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target, int places = 1)
    {
        Span<byte> header = target.GetSpan(9);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = WrittenDescriptor;
        BinaryPrimitives.WriteUInt32LittleEndian(header[5..], (uint)source.Length);
        target.Advance(9);
        var encoder = new BlockEncoder(source, places);
        int start = 0;
        do
        {
            int size = Math.Min(source.Length - start, MaxBlockSize);
            Span<byte> room = target.GetSpan(BlockHeaderSize + BlockEncoder.MaxEncodedSize(size));
            bool isLast = start + size == source.Length;
            int encoded = encoder.TryEncode(start, size, room[BlockHeaderSize..]);
            if (encoded == 0)
                source.Slice(start, size).CopyTo(room[BlockHeaderSize..]);
            WriteBlockHeader(room, encoded > 0 ? BlockType.Compressed : BlockType.Raw, encoded > 0 ? encoded : size, isLast);
            target.Advance(BlockHeaderSize + (encoded > 0 ? encoded : size));
            start += size;
        }
        while (start < source.Length);
        encoder.Dispose();
    }

    internal static KafkaException Malformed() => RecordCompression.Corrupt("The Zstandard data is malformed.");

    internal static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> source, long count)
    {
        if (count > source.Length)
            throw Malformed();
        ReadOnlySpan<byte> taken = source[..(int)count];
        source = source[(int)count..];
        return taken;
    }

    private static void WriteBlockHeader(Span<byte> target, BlockType type, int size, bool isLast)
    {
        int header = size << 3 | (int)type << 1 | (isLast ? 1 : 0);
        (target[0], target[1], target[2]) = ((byte)header, (byte)(header >> 8), (byte)(header >> 16));
    }

    private static void ReadFrame(ref ReadOnlySpan<byte> source, PooledBuffer target, LiteralsReader literals, SequencesReader sequences)
    {
        (ulong? contentSize, bool hasChecksum) = ReadHeader(ref source);
        int start = target.Length;
        bool isLast;
        do
            isLast = ReadBlock(ref source, target, start, literals, sequences);
        while (!isLast);
        ReadOnlySpan<byte> content = target.WrittenSpan[start..];
        if (contentSize is { } expected && expected != (ulong)content.Length)
            throw RecordCompression.Corrupt("A Zstandard frame does not have the size that it declares.");
        if (hasChecksum && BinaryPrimitives.ReadUInt32LittleEndian(Take(ref source, sizeof(uint))) != (uint)XxHash64.Compute(content))
            throw RecordCompression.Corrupt("A Zstandard checksum does not match.");
    }

    private static (ulong? ContentSize, bool HasChecksum) ReadHeader(ref ReadOnlySpan<byte> source)
    {
        int descriptor = Take(ref source, 1)[0];
        bool singleSegment = (descriptor & 0x20) != 0;
        if ((descriptor & 0x08) != 0)
            throw Malformed();
        if (!singleSegment)
            Take(ref source, 1); // window size: all of the frame is at hand, and blocks have their own limit
        int dictionarySize = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        if (Take(ref source, dictionarySize).ContainsAnyExcept((byte)0))
            throw RecordCompression.Corrupt("Zstandard frames with a dictionary are not supported.");
        ulong? contentSize = (descriptor >> 6) switch
        {
            0 => singleSegment ? Take(ref source, 1)[0] : null,
            1 => BinaryPrimitives.ReadUInt16LittleEndian(Take(ref source, 2)) + 256UL,
            2 => BinaryPrimitives.ReadUInt32LittleEndian(Take(ref source, 4)),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(Take(ref source, 8)),
        };
        return (contentSize, (descriptor & 4) != 0);
    }

    private static bool ReadBlock(
        ref ReadOnlySpan<byte> source, PooledBuffer target, int frameStart, LiteralsReader literals, SequencesReader sequences)
    {
        ReadOnlySpan<byte> bytes = Take(ref source, BlockHeaderSize);
        int header = bytes[0] | bytes[1] << 8 | bytes[2] << 16;
        int size = header >> 3;
        if (size > MaxBlockSize)
            throw Malformed();
        switch ((BlockType)(header >> 1 & 3))
        {
            case BlockType.Raw:
                target.Append(Take(ref source, size));
                break;
            case BlockType.Rle:
                target.AppendRepeated(Take(ref source, 1)[0], size);
                break;
            case BlockType.Compressed:
                ReadOnlySpan<byte> block = Take(ref source, size);
                ReadOnlySpan<byte> blockLiterals = literals.Read(ref block);
                sequences.Execute(block, blockLiterals, target, frameStart);
                break;
            default:
                throw Malformed();
        }
        return (header & 1) != 0;
    }
}
