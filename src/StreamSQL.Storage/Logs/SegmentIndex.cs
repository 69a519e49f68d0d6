using System.Runtime.InteropServices;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Storage.Logs;

/// <summary>A place in a segment where a batch begins.</summary>
/// <param name="RelativeOffset">The batch's base offset, relative to the segment's.</param>
/// <param name="Position">Where in the segment file it begins.</param>
/// <param name="MaxTimestampBefore">The largest timestamp of all batches before it in the segment.</param>
internal readonly record struct IndexEntry(int RelativeOffset, int Position, long MaxTimestampBefore);

/// <summary>What a look-up goes by.</summary>
internal enum IndexColumn
{
    /// <summary>For an offset, relative to the segment's: the last known batch that does not begin beyond it.</summary>
    Offset,

    /// <summary>For a time: the last known batch before which no timestamp reaches it.</summary>
    Timestamp,
}

/// <summary>Where to begin a scan, as far as memory tells.</summary>
/// <param name="Entry">The place, or one at most a block of entries before it.</param>
/// <param name="Block">Which block of the index file has the place; -1 when <paramref name="Entry"/> is it.</param>
/// <param name="Checksum">CRC-32C of that block.</param>
internal readonly record struct IndexPlace(IndexEntry Entry, int Block, uint Checksum);

/// <summary>
/// The sparse index of one segment: one entry per so many bytes serves look-ups by offset and by time (both columns only grow). The file
/// beside the segment is a checked copy that can always be rebuilt by a scan (<see cref="SegmentIndexFile"/>). Memory holds the newest
/// entries, and of what the file has too the first entry of each block, so that it does not grow with all that is logged.
/// </summary>
internal sealed class SegmentIndex
{
    /// <summary>Entries of a block.</summary>
    public const int BlockEntries = 64;

    /// <summary>Bytes of a block in the file.</summary>
    public const int BlockBytes = BlockEntries * EntryBytes;

    /// <summary>Bytes of an entry in the file.</summary>
    public const int EntryBytes = 16;

    /// <summary>Entries that stay in memory while a segment is written: most readers are near its end.</summary>
    public const int NewestEntries = 1024;

    private IndexEntry[] _newest = [];
    private int _newestCount;
    private IndexEntry[] _firsts = [];
    private uint[] _checksums = [];
    private int _blocks;
    private int _lastPosition;
    private int _saved;
    private uint _savedChecksum;

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

    /// <summary>Entries that are in memory.</summary>
    public int EntriesInMemory => _newestCount + _blocks;

    /// <summary>An index as its file has it, all of it saved.</summary>
    /// <param name="entries">The entries in order.</param>
    /// <param name="head">What the file says of the segment.</param>
    public static SegmentIndex Of(ReadOnlySpan<IndexEntry> entries, in IndexHead head)
    {
        var index = new SegmentIndex
        {
            CoveredBytes = head.CoveredBytes,
            EndOffset = head.EndOffset,
            MaxTimestamp = head.MaxTimestamp,
            OffsetOfMaxTimestamp = head.OffsetOfMaxTimestamp,
            FirstTimestamp = head.FirstTimestamp,
            _newest = entries.ToArray(),
            _newestCount = entries.Length,
            _lastPosition = entries.IsEmpty ? 0 : entries[^1].Position,
            _saved = entries.Length,
            _savedChecksum = head.EntriesChecksum,
        };
        index.Release();
        return index;
    }

    /// <summary>Sets the base offset of the first batch to come.</summary>
    public void BeginAt(long offset) => EndOffset = offset;

    /// <summary>Adds a batch that begins where the index ends.</summary>
    public void Add(long segmentBase, RecordBatchHeader batch, long baseOffset, long maxTimestamp, int intervalBytes)
    {
        if (CoveredBytes - _lastPosition >= intervalBytes)
        {
            if (_newestCount == _newest.Length)
                Array.Resize(ref _newest, Math.Max(16, _newestCount * 2));
            _lastPosition = (int)CoveredBytes;
            _newest[_newestCount++] = new IndexEntry((int)(baseOffset - segmentBase), _lastPosition, MaxTimestamp);
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

    /// <summary>Where to begin a scan; <see cref="Segment.PlaceOf"/> makes it exact.</summary>
    public IndexPlace Find(IndexColumn column, long value)
    {
        var count = CountBefore(_newest.AsSpan(0, _newestCount), column, value);
        if (count > 0)
            return new IndexPlace(_newest[count - 1], -1, 0);
        count = CountBefore(_firsts.AsSpan(0, _blocks), column, value);
        return count == 0 ? new IndexPlace(default, -1, 0) : new IndexPlace(_firsts[count - 1], count - 1, _checksums[count - 1]);
    }

    /// <summary>The place in a block as the file has it, of which the first entry is not beyond it.</summary>
    public static IndexEntry FindIn(ReadOnlySpan<byte> block, IndexColumn column, long value)
    {
        var entries = MemoryMarshal.Cast<byte, IndexEntry>(block);
        return entries[CountBefore(entries, column, value) - 1];
    }

    /// <summary>What the file does not have yet of the part of the index that covers only bytes known to be in the segment file.</summary>
    public IndexUpdate Unsaved(long coveredBytes, long endOffset)
    {
        var held = _blocks * BlockEntries;
        var count = _newestCount;
        while (held + count > _saved && _newest[count - 1].Position >= coveredBytes)
            count--;
        var entries = MemoryMarshal.AsBytes(_newest.AsSpan(_saved - held, held + count - _saved)).ToArray();
        var head = new IndexHead(
            coveredBytes, endOffset, MaxTimestamp, OffsetOfMaxTimestamp, FirstTimestamp, held + count,
            Crc32C.Continue(_savedChecksum, entries));
        return new IndexUpdate(_saved, entries, head);
    }

    /// <summary>Notes that an update is in the file; older entries are looked up there from now on.</summary>
    public void NoteSaved(in IndexUpdate update)
    {
        (_saved, _savedChecksum) = (update.Head.Count, update.Head.EntriesChecksum);
        if (_newestCount >= 2 * NewestEntries)
            Release();
    }

    private void Release()
    {
        var blocks = Math.Min(_saved - (_blocks * BlockEntries), _newestCount - NewestEntries) / BlockEntries;
        if (blocks <= 0)
            return;
        Array.Resize(ref _firsts, _blocks + blocks);
        Array.Resize(ref _checksums, _blocks + blocks);
        for (var i = 0; i < blocks; i++)
        {
            var block = _newest.AsSpan(i * BlockEntries, BlockEntries);
            (_firsts[_blocks], _checksums[_blocks]) = (block[0], Crc32C.Compute(MemoryMarshal.AsBytes(block)));
            _blocks++;
        }

        _newest = _newest[(blocks * BlockEntries).._newestCount];
        _newestCount = _newest.Length;
    }

    private static int CountBefore(ReadOnlySpan<IndexEntry> entries, IndexColumn column, long value)
    {
        int low = 0, high = entries.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            ref readonly var entry = ref entries[middle];
            if (column == IndexColumn.Offset ? entry.RelativeOffset <= value : entry.MaxTimestampBefore < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
