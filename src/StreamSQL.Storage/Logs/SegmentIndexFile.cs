using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>What an index file says of its segment, beside the entries.</summary>
/// <param name="CoveredBytes">Segment bytes that it covers.</param>
/// <param name="EndOffset">The offset after the last batch that is covered.</param>
/// <param name="MaxTimestamp">The largest timestamp.</param>
/// <param name="OffsetOfMaxTimestamp">The base offset of the batch with the largest timestamp.</param>
/// <param name="FirstTimestamp">The largest timestamp of the first batch.</param>
/// <param name="Count">Entries.</param>
/// <param name="EntriesChecksum">CRC-32C of all entries.</param>
internal readonly record struct IndexHead(
    long CoveredBytes, long EndOffset, long MaxTimestamp, long OffsetOfMaxTimestamp, long FirstTimestamp, int Count, uint EntriesChecksum);

/// <summary>What is new since an index file was last written.</summary>
/// <param name="FirstEntry">The number of the first new entry.</param>
/// <param name="Entries">The new entries as the file has them.</param>
/// <param name="Head">What the file says with them.</param>
internal readonly record struct IndexUpdate(int FirstEntry, byte[] Entries, IndexHead Head);

/// <summary>
/// An index file: a head of 72 bytes, and entries of 16. It grows at its end, and then its head is written again; neither is flushed, since
/// it is checked when it is read. All numbers are little-endian.
/// </summary>
internal static class SegmentIndexFile
{
    private const int Version = 2;
    private const int HeadBytes = 72;
    private const ulong Magic = 0x58444E49_51535353; // "SSSQINDX"

    /// <summary>Where a block of entries begins.</summary>
    public static long PositionOf(int block) => HeadBytes + ((long)block * SegmentIndex.BlockBytes);

    /// <summary>Writes what is new: first the entries, so that a process which ends in between leaves the index that was there.</summary>
    public static void Write(IStorageFile file, in IndexUpdate update)
    {
        var end = HeadBytes + ((long)update.FirstEntry * SegmentIndex.EntryBytes);
        if (update.Entries.Length > 0)
            file.Write(update.Entries, end);
        Span<byte> head = stackalloc byte[HeadBytes];
        Encode(update.Head, head);
        file.SetLength(end + update.Entries.Length);
        file.Write(head, 0);
    }

    /// <summary>
    /// Reads an index file; null when it is missing, damaged, of an older version, or covers more than the segment holds.
    /// </summary>
    /// <exception cref="UnknownFormatException">A newer version wrote it.</exception>
    public static SegmentIndex? TryLoad(IFileSystem fileSystem, string path, long segmentBytes)
    {
        if (!fileSystem.FileExists(path))
            return null;
        using var file = fileSystem.Open(path, FileOpening.Read);
        var length = file.Length;
        if (length is < HeadBytes or > int.MaxValue)
            return null;
        var bytes = new byte[length];
        if (file.Read(bytes, 0) != length || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            return null;
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.SkipIndexChecksum))
#endif
        if (version >= Version && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) != HeadChecksum(bytes))
            return null;
        if (version > Version)
            throw new UnknownFormatException(path, version, Version);
        return version == Version ? Decode(bytes, segmentBytes) : null;
    }

    private static void Encode(in IndexHead head, Span<byte> bytes)
    {
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], head.CoveredBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], head.EndOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], head.MaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], head.OffsetOfMaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], head.FirstTimestamp);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[56..], head.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], head.EntriesChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], HeadChecksum(bytes));
    }

    private static SegmentIndex? Decode(ReadOnlySpan<byte> bytes, long segmentBytes)
    {
        var covered = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]);
        if (count < 0 || count > (bytes.Length - HeadBytes) / SegmentIndex.EntryBytes)
            return null;
        bytes = bytes[..(HeadBytes + (count * SegmentIndex.EntryBytes))];
        var entries = MemoryMarshal.Cast<byte, IndexEntry>(bytes[HeadBytes..]);
        var head = new IndexHead(
            covered,
            EndOffset: BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            MaxTimestamp: BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            OffsetOfMaxTimestamp: BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            FirstTimestamp: BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            count,
            EntriesChecksum: BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]));
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.KeepStaleIndex))
            head = head with { CoveredBytes = Math.Min(covered, segmentBytes) };
        if (!Planted.IsAwake(PlantedBug.SkipIndexChecksum))
#endif
        if (Crc32C.Compute(bytes[HeadBytes..]) != head.EntriesChecksum)
            return null;
        return head.CoveredBytes >= 0 && head.CoveredBytes <= segmentBytes && IsAscending(entries, head.CoveredBytes)
            ? SegmentIndex.Of(entries, head)
            : null;
    }

    private static bool IsAscending(ReadOnlySpan<IndexEntry> entries, long coveredBytes)
    {
        var last = new IndexEntry(-1, -1, long.MinValue);
        foreach (ref readonly var entry in entries)
        {
            if (entry.RelativeOffset <= last.RelativeOffset || entry.Position <= last.Position || entry.Position >= coveredBytes
                || entry.MaxTimestampBefore < last.MaxTimestampBefore)
                return false;
            last = entry;
        }

        return true;
    }

    /// <summary>Of the version and all that follows: a rotten version must not pass for a newer one.</summary>
    private static uint HeadChecksum(ReadOnlySpan<byte> bytes) => Crc32C.Continue(Crc32C.Compute(bytes[8..12]), bytes[16..HeadBytes]);
}
