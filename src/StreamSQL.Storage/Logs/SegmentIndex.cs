using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>A place in a segment where a batch begins.</summary>
/// <param name="RelativeOffset">The batch's base offset, relative to the segment's.</param>
/// <param name="Position">Where in the segment file it begins.</param>
/// <param name="MaxTimestampBefore">The largest timestamp of all batches before it in the segment.</param>
internal readonly record struct IndexEntry(int RelativeOffset, int Position, long MaxTimestampBefore);

/// <summary>
/// The sparse index of one segment: one entry per so many bytes serves look-ups by offset and by time (both columns only grow). It lives in
/// memory while the segment is written; the file beside the segment is a checked copy that can always be rebuilt by a scan.
/// </summary>
internal sealed class SegmentIndex
{
    private const int Version = 1;
    private const int HeaderBytes = 72;
    private const int EntryBytes = 16;
    private const ulong Magic = 0x58444E49_51535353; // "SSSQINDX"
    private IndexEntry[] _entries = [];
    private int _count;

    /// <summary>Segment bytes that the index covers.</summary>
    public long CoveredBytes { get; private set; }

    /// <summary>The offset after the last batch that is covered.</summary>
    public long EndOffset { get; private set; }

    /// <summary>The largest timestamp; <see cref="long.MinValue"/> without batches.</summary>
    public long MaxTimestamp { get; private set; } = long.MinValue;

    /// <summary>The base offset of the batch with the largest timestamp.</summary>
    public long OffsetOfMaxTimestamp { get; private set; } = -1;

    /// <summary>
    /// The largest timestamp of the first batch, from which a segment's age counts; <see cref="long.MinValue"/> without one. Markers do not
    /// count: they carry the broker's time, beside records whose times may be long past.
    /// </summary>
    public long FirstTimestamp { get; private set; } = long.MinValue;

    /// <summary>Sets the base offset of the first batch to come.</summary>
    public void BeginAt(long offset) => EndOffset = offset;

    /// <summary>Adds a batch that begins where the index ends.</summary>
    public void Add(long segmentBase, RecordBatchHeader batch, long baseOffset, long maxTimestamp, int intervalBytes)
    {
        var lastPosition = _count == 0 ? 0 : _entries[_count - 1].Position;
        if (CoveredBytes - lastPosition >= intervalBytes)
        {
            if (_count == _entries.Length)
                Array.Resize(ref _entries, Math.Max(16, _count * 2));
            _entries[_count++] = new IndexEntry((int)(baseOffset - segmentBase), (int)CoveredBytes, MaxTimestamp);
        }

        if (FirstTimestamp == long.MinValue && !batch.Attributes.IsControl)
            FirstTimestamp = maxTimestamp;
        if (maxTimestamp > MaxTimestamp && batch.Count > 0) // compaction leaves batches without records
        {
            MaxTimestamp = maxTimestamp;
            OffsetOfMaxTimestamp = baseOffset;
        }

        CoveredBytes += batch.SizeInBytes;
        EndOffset = baseOffset + batch.LastOffsetDelta + 1;
    }

    /// <summary>Goes on behind bytes that hold no batches.</summary>
    public void SkipTo(long position, long endOffset)
    {
        CoveredBytes = position;
        EndOffset = endOffset;
    }

    /// <summary>Where to begin a scan for an offset: the last known batch that does not begin beyond it.</summary>
    public IndexEntry PlaceOfOffset(long relativeOffset)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle].RelativeOffset <= relativeOffset)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? default : _entries[low - 1];
    }

    /// <summary>Where to begin a scan for the first batch whose largest timestamp reaches a time.</summary>
    public IndexEntry PlaceOfTimestamp(long timestamp)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle].MaxTimestampBefore < timestamp)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? default : _entries[low - 1];
    }

    /// <summary>The file's bytes for the part of the index that covers only bytes known to be in the segment file.</summary>
    public byte[] Encode(long coveredBytes, long endOffset)
    {
        var count = _count;
        while (count > 0 && _entries[count - 1].Position >= coveredBytes)
            count--;
        var bytes = new byte[HeaderBytes + (count * EntryBytes)];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt64LittleEndian(span, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(span[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], coveredBytes);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], endOffset);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], MaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], OffsetOfMaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(span[48..], FirstTimestamp);
        BinaryPrimitives.WriteInt32LittleEndian(span[56..], count);
        MemoryMarshal.AsBytes(_entries.AsSpan(0, count)).CopyTo(span[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[12..], Checksum(span));
        return bytes;
    }

    /// <summary>Reads an index file; null when it is missing, damaged or covers more than the segment holds.</summary>
    /// <exception cref="UnknownFormatException">A newer version wrote it.</exception>
    public static SegmentIndex? TryLoad(IFileSystem fileSystem, string path, long segmentBytes)
    {
        if (!fileSystem.FileExists(path))
            return null;
        using var file = fileSystem.Open(path, FileOpening.Read);
        var length = file.Length;
        if (length < HeaderBytes || (length - HeaderBytes) % EntryBytes != 0 || length > int.MaxValue)
            return null;
        var bytes = new byte[length];
        if (file.Read(bytes, 0) != length || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            return null;
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.SkipIndexChecksum))
#endif
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) != Checksum(bytes))
            return null;
        if (version > Version)
            throw new UnknownFormatException(path, version, Version);
        return Decode(bytes, segmentBytes);
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
    private static uint Checksum(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes[8..12]) ^ Crc32C.Compute(bytes[16..]);

    private static SegmentIndex? Decode(ReadOnlySpan<byte> bytes, long segmentBytes)
    {
        var entries = MemoryMarshal.Cast<byte, IndexEntry>(bytes[HeaderBytes..]);
        var covered = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.KeepStaleIndex))
            covered = Math.Min(covered, segmentBytes);
#endif
        if (covered < 0 || covered > segmentBytes || BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]) != entries.Length
            || !IsAscending(entries, covered))
            return null;
        return new SegmentIndex
        {
            CoveredBytes = covered,
            EndOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            OffsetOfMaxTimestamp = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            FirstTimestamp = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            _entries = entries.ToArray(),
            _count = entries.Length,
        };
    }
}
