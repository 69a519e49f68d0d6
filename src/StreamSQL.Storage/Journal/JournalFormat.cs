using System.Buffers.Binary;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Storage.Journal;

/// <summary>
/// The bytes of a journal file: a 32-byte header, then frames at 8-byte boundaries. A log sequence number (LSN) counts frame bytes over all
/// files, so a frame left over from an earlier use of a recycled file is recognised by its LSN. All integers are little-endian.
/// </summary>
internal static class JournalFormat
{
    public const int Version = 1;
    public const int FileHeaderBytes = 32;
    public const int FrameHeaderBytes = 24;
    private const ulong Magic = 0x4C4E524A_51535353; // "SSSQJRNL"

    /// <summary>Frames begin at multiples of this.</summary>
    public const int Alignment = 8;

    public static int Align(int length) => (length + Alignment - 1) & ~(Alignment - 1);

    /// <summary>magic u64, version u32, crc u32 (of all else), start LSN i64, zeros.</summary>
    public static void WriteFileHeader(Span<byte> header, long startLsn)
    {
        header[..FileHeaderBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], startLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Compute(header[16..FileHeaderBytes]));
    }

    /// <summary>Reads a file header. False for a file never used (all zeros).</summary>
    /// <exception cref="Files.UnknownFormatException">A newer version wrote it.</exception>
    /// <exception cref="Files.CorruptDataException">It is neither empty nor intact.</exception>
    public static bool TryReadFileHeader(ReadOnlySpan<byte> header, string path, out long startLsn)
    {
        startLsn = 0;
        if (header.Length < FileHeaderBytes || header[..FileHeaderBytes].IndexOfAnyExcept((byte)0) < 0)
            return false;
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic)
            throw new Files.CorruptDataException($"'{path}' does not begin as a journal file.");
        if (version != Version)
            throw new Files.UnknownFormatException(path, version, Version);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Crc32C.Compute(header[16..FileHeaderBytes]))
            throw new Files.CorruptDataException($"The header of journal file '{path}' does not verify.");
        startLsn = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        return true;
    }

    /// <summary>payload length u32, crc u32 (of all that follows), LSN i64, durable LSN at the time of writing i64, payload.</summary>
    public static void WriteFrameHeader(Span<byte> frame, int payloadLength, long lsn, long durableLsn)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, payloadLength);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], lsn);
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], durableLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32C.Compute(frame.Slice(8, FrameHeaderBytes - 8 + payloadLength)));
    }

    /// <summary>The LSN that stands in a frame header, verified or not; null when the bytes are too few or it cannot be one.</summary>
    public static long? LsnOf(ReadOnlySpan<byte> frame) =>
        frame.Length >= FrameHeaderBytes && BinaryPrimitives.ReadInt64LittleEndian(frame[8..]) is >= 0 and var lsn ? lsn : null;

    /// <summary>The payload length that a frame header with this LSN gives; -1 when the bytes begin with no such header.</summary>
    public static int PeekPayloadLength(ReadOnlySpan<byte> bytes, long lsn)
    {
        if (bytes.Length < FrameHeaderBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) != lsn)
            return -1;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length <= 0 ? -1 : length;
    }

    /// <summary>Whether an intact frame with this LSN begins here.</summary>
    public static bool TryReadFrame(ReadOnlySpan<byte> bytes, long lsn, out int payloadLength, out long durableLsn)
    {
        payloadLength = 0;
        durableLsn = 0;
        if (bytes.Length < FrameHeaderBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) != lsn)
            return false;
        payloadLength = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (payloadLength <= 0 || payloadLength > bytes.Length - FrameHeaderBytes)
            return false;
        durableLsn = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var checkedBytes = bytes.Slice(8, FrameHeaderBytes - 8 + payloadLength);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.SkipFrameChecksum))
            return true;
#endif
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Crc32C.Compute(checkedBytes);
    }
}
