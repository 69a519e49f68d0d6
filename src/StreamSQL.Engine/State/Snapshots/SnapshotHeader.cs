using System.Buffers.Binary;
using System.Text;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.Engine.State.Snapshots;

/// <summary>What a snapshot says about itself in its first block.</summary>
/// <param name="TopicId">The id of the changelog topic: a topic made anew under the same name has another one.</param>
/// <param name="Partition">The partition of the changelog.</param>
/// <param name="Shape">The store's <see cref="StateStore.Shape"/>.</param>
/// <param name="Offset">The changelog from here on, applied to the rows of the snapshot, gives the state.</param>
/// <param name="TimeMs">When it was begun, milliseconds.</param>
internal sealed record SnapshotHeader(Guid TopicId, int Partition, string Shape, long Offset, long TimeMs)
{
    /// <summary>Appends it to a block.</summary>
    public void Write(ByteWriter block)
    {
        TopicId.TryWriteBytes(block.Append(16));
        block.WriteInt32(Partition);
        block.WriteInt64(Offset);
        block.WriteInt64(TimeMs);
        block.WriteInt32(Encoding.UTF8.GetByteCount(Shape));
        Encoding.UTF8.GetBytes(Shape, block.Append(Encoding.UTF8.GetByteCount(Shape)));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a header.</exception>
    public static SnapshotHeader Read(BlockReader block)
    {
        var topicId = new Guid(block.Read(16));
        var partition = block.ReadInt32();
        var offset = block.ReadInt64();
        var time = block.ReadInt64();
        var shape = Encoding.UTF8.GetString(block.Read(block.ReadInt32()));
        return new(topicId, partition, shape, offset, time);
    }
}

/// <summary>
/// The layout of a snapshot file. It begins with a magic number (u64) and a version (i32). Then come blocks: length (i32), CRC-32C (u32) of
/// the block's number and its bytes, the bytes. The first is the header, the last, of no entries, the end: the length -1, CRC, offset
/// (i64), rows (i64). Nothing follows it. Little-endian.
/// </summary>
internal static class SnapshotLayout
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int Version = 1;

    /// <summary>Bytes before the first block.</summary>
    public const int FileHeaderBytes = 12;

    /// <summary>Bytes of length and CRC before a block's own.</summary>
    public const int FrameBytes = 8;

    /// <summary>Bytes of the end block after its frame.</summary>
    public const int EndBytes = 16;

    /// <summary>Stands in place of the end block's length.</summary>
    public const int EndMark = -1;

    private const ulong Magic = 0x45544154_53535153; // "SQSSTATE"

    /// <summary>Writes magic and version.</summary>
    public static void WriteFileHeader(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Version);
    }

    /// <summary>Checks magic and version.</summary>
    /// <exception cref="InvalidDataException">It is no snapshot, or one of another version.</exception>
    public static void CheckFileHeader(ReadOnlySpan<byte> source)
    {
        if (source.Length < FileHeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(source) != Magic)
            throw new InvalidDataException("it is not a state snapshot");
        if (BinaryPrimitives.ReadInt32LittleEndian(source[8..]) is var version && version != Version)
            throw new InvalidDataException($"its format version is {version}, known is {Version}");
    }

    /// <summary>The checksum of a block: its number counts too, so that no block can stand in for another.</summary>
    public static uint Checksum(int number, ReadOnlySpan<byte> block) =>
        Kafka.Records.Crc32C.Compute(block) ^ ((uint)number * 0x9E3779B1u);
}
