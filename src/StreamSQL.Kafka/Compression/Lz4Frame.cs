using System.Buffers.Binary;

namespace StreamSQL.Kafka.Compression;

/// <summary>
/// The LZ4 frame format: a descriptor, blocks (independent or linked), checksums by XXH32 over descriptor, blocks and content. All of it is
/// read but dictionaries; written are independent blocks of 64 KiB without checksums, as Java clients do.
/// </summary>
internal static class Lz4Frame
{
    private const uint Magic = 0x184D2204;
    private const uint SkippableMagic = 0x184D2A50;
    private const uint SkippableMask = 0xFFFFFFF0;
    private const uint StoredBit = 0x80000000;
    private const int WrittenBlockSize = 64 * 1024;
    private const byte WrittenFlags = 0x60; // version 1, independent blocks
    private const byte WrittenBlockCode = 0x40; // 64 KiB

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (source.IsEmpty)
            throw CutShort();
        while (!source.IsEmpty)
        {
            uint magic = TakeUInt32(ref source);
            if (magic == Magic)
                ReadFrame(ref source, target);
            else if ((magic & SkippableMask) == SkippableMagic)
                Take(ref source, TakeUInt32(ref source));
            else
                throw RecordCompression.Corrupt("The data is not an LZ4 frame.");
        }
    }

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target, int places = 1)
    {
        Span<byte> header = target.GetSpan(7);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = WrittenFlags;
        header[5] = WrittenBlockCode;
        header[6] = DescriptorChecksum(header[4..6]);
        target.Advance(7);
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> block = source[..Math.Min(source.Length, WrittenBlockSize)];
            Span<byte> output = target.GetSpan(sizeof(uint) + Lz4Block.MaxCompressedSize(block.Length));
            int size = Lz4Block.Compress(block, output[sizeof(uint)..], places);
            bool stored = size >= block.Length;
            if (stored)
                block.CopyTo(output[sizeof(uint)..]);
            uint field = stored ? (uint)block.Length | StoredBit : (uint)size;
            BinaryPrimitives.WriteUInt32LittleEndian(output, field);
            target.Advance(sizeof(uint) + (int)(field & ~StoredBit));
            source = source[block.Length..];
        }
        target.AppendRepeated(0, sizeof(uint)); // end mark
    }

    private static void ReadFrame(ref ReadOnlySpan<byte> source, PooledBuffer target)
    {
        Descriptor descriptor = ReadDescriptor(ref source);
        int frameStart = target.Length;
        while (TakeUInt32(ref source) is not 0 and uint field)
        {
            uint size = field & ~StoredBit;
            if (size > (uint)descriptor.BlockMaxSize)
                throw RecordCompression.Corrupt("An LZ4 block is larger than its frame allows.");
            ReadOnlySpan<byte> block = Take(ref source, size);
            if (descriptor.BlockChecksums && TakeUInt32(ref source) != XxHash32.Compute(block))
                throw WrongChecksum();
            if ((field & StoredBit) != 0)
                target.Append(block);
            else
                Lz4Block.Decompress(block, target, descriptor.IndependentBlocks ? target.Length : frameStart, descriptor.BlockMaxSize);
        }
        ReadOnlySpan<byte> content = target.WrittenSpan[frameStart..];
        if (descriptor.ContentSize is ulong expected && expected != (ulong)content.Length)
            throw RecordCompression.Corrupt("An LZ4 frame does not have the size that it declares.");
        if (descriptor.ContentChecksum && TakeUInt32(ref source) != XxHash32.Compute(content))
            throw WrongChecksum();
    }

    private static Descriptor ReadDescriptor(ref ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> start = source;
        ReadOnlySpan<byte> two = Take(ref source, 2);
        int flags = two[0];
        int blockCode = two[1] >> 4;
        bool hasContentSize = (flags & 0x08) != 0;
        bool hasDictionary = (flags & 0x01) != 0;
        if (flags >> 6 != 1 || (flags & 0x02) != 0 || (two[1] & 0x8F) != 0 || blockCode < 4)
            throw RecordCompression.Corrupt("The LZ4 frame has an unknown version or reserved bits.");
        ulong? contentSize = hasContentSize ? BinaryPrimitives.ReadUInt64LittleEndian(Take(ref source, 8)) : null;
        if (hasDictionary)
            throw RecordCompression.Corrupt("LZ4 frames with a dictionary are not supported.");
        byte checksum = DescriptorChecksum(start[..(start.Length - source.Length)]);
        if (Take(ref source, 1)[0] != checksum)
            throw WrongChecksum();
        return new Descriptor((flags & 0x20) != 0, (flags & 0x10) != 0, (flags & 0x04) != 0, contentSize, 1 << (8 + (2 * blockCode)));
    }

    private static byte DescriptorChecksum(ReadOnlySpan<byte> descriptor) => (byte)(XxHash32.Compute(descriptor) >> 8);

    private static uint TakeUInt32(ref ReadOnlySpan<byte> source) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Take(ref source, sizeof(uint)));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> source, uint count)
    {
        if (count > (uint)source.Length)
            throw CutShort();
        ReadOnlySpan<byte> taken = source[..(int)count];
        source = source[(int)count..];
        return taken;
    }

    private static KafkaException CutShort() => RecordCompression.Corrupt("The LZ4 data is cut short.");

    private static KafkaException WrongChecksum() => RecordCompression.Corrupt("An LZ4 checksum does not match.");

    private readonly record struct Descriptor(
        bool IndependentBlocks, bool BlockChecksums, bool ContentChecksum, ulong? ContentSize, int BlockMaxSize);
}
