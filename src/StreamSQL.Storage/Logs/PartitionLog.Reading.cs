using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <content>Reads and look-ups.</content>
public sealed partial class PartitionLog
{
    /// <summary>
    /// Reads whole batches from the one that holds <paramref name="offset"/> on, as they are stored, without copying when the hot tail has
    /// them. Empty when no whole batch lies below <paramref name="endOffset"/>, or the log was closed.
    /// </summary>
    /// <param name="offset">Where to begin; between <see cref="StartOffset"/> and <see cref="EndOffset"/>.</param>
    /// <param name="maxBytes">At most so many bytes, except that the first batch is always returned whole.</param>
    /// <param name="endOffset">No batch that reaches beyond this offset is returned.</param>
    /// <exception cref="QuarantinedException">The record at the offset is damaged.</exception>
    public LogRead Read(long offset, int maxBytes, long endOffset)
    {
        while (offset < endOffset)
        {
            if (DamageAt(offset) is { } damage)
                throw new QuarantinedException(damage);
            if (!TryLocate(offset, out var place))
                return default;
            if (place.Buffer is { } buffer)
                return ReadTail(buffer, place, offset, maxBytes, endOffset);
            switch (ReadFile(place, offset, maxBytes, endOffset, out var read))
            {
                case FileOutcome.Read:
                    return read;
                case FileOutcome.NothingThere when !TryPass(place.Segment, ref offset):
                    return default;
            }
        }

        return default;
    }

    private Segment[] SegmentsNow()
    {
        lock (Gate)
            return _closed ? [] : _segments;
    }

    /// <summary>Finds where to begin reading for an offset: in the tail, which is then leased, or in a file.</summary>
    private bool TryLocate(long offset, out Place place)
    {
        place = default;
        Segment segment;
        lock (Gate)
        {
            if (_closed || _segments.Length == 0)
                return false;
            for (var i = _tail.Count - 1; i >= 0; i--)
            {
                var chunk = _tail[i];
                if (chunk.FirstOffset > offset)
                    continue;
                chunk.Buffer.Acquire();
                var inSegment = chunk.Segment == _segments[^1]
                    ? chunk.Segment.ActiveIndex.Find(IndexColumn.Offset, offset - chunk.Segment.BaseOffset).Entry.Position
                    : 0;
                var start = Math.Max(chunk.Position, chunk.Segment.StartPosition + inSegment);
                var bufferStart = chunk.BufferAt + (int)(start - chunk.Position);
                place = new Place(chunk.Segment, chunk.Buffer, bufferStart, chunk.BufferAt + chunk.Used, 0);
                return true;
            }

            segment = SegmentOf(offset);
        }

        place = new Place(segment, null, 0, 0, Math.Min(Volatile.Read(ref _written), segment.EndPosition) - segment.StartPosition);
        return true;
    }

    private Segment SegmentOf(long offset)
    {
        int low = 0, high = _segments.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_segments[middle].BaseOffset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return _segments[Math.Max(0, low - 1)];
    }

    /// <summary>
    /// Goes on behind a segment that has no batch at or after an offset: compaction leaves gaps, also at a segment's end. When the segment
    /// was replaced meanwhile, the offset is looked up again. False when nothing comes behind it.
    /// </summary>
    private bool TryPass(Segment segment, ref long offset)
    {
        lock (Gate)
        {
            var index = Array.IndexOf(_segments, segment);
            if (index < 0)
                return !_closed && offset >= _startOffset;
            if (index == _segments.Length - 1)
                return false;
            offset = Math.Max(offset, _segments[index + 1].BaseOffset);
            return true;
        }
    }

    private static LogRead ReadTail(LeasedBuffer buffer, in Place place, long offset, int maxBytes, long endOffset)
    {
        var range = WholeBatches(buffer.Bytes.AsSpan(0, place.BufferEnd), place.BufferStart, offset, maxBytes, endOffset);
        if (range.Length > 0)
            return new LogRead(buffer.Bytes.AsMemory(range.Start, range.Length), range.NextOffset, buffer.ReleaseAction);
        buffer.Release();
        return default;
    }

    /// <summary>Reads from a segment file. Damage that it meets is quarantined, and the offset has to be looked at again.</summary>
    private FileOutcome ReadFile(in Place place, long offset, int maxBytes, long endOffset, out LogRead read)
    {
        read = default;
        var segment = place.Segment;
        try
        {
            var index = segment.GetIndex(_context, Config.IndexIntervalBytes);
            var from = PlaceIn(segment, index, IndexColumn.Offset, offset - segment.BaseOffset);
            var at = new SegmentPlace(segment, from.Position, segment.BaseOffset + from.RelativeOffset, place.FileEnd);
            using (var lease = _context.Files.Open(segment.LogPath, FileOpening.Write))
            {
                if (!TrySkipTo(lease.File, offset, ref at, out var isDamaged))
                {
                    if (!isDamaged && !IsCutShort(at))
                        return FileOutcome.NothingThere;
                }
                else if (TryReadBatches(lease.File, at, maxBytes, endOffset, out read))
                    return FileOutcome.Read;
            }

            if (!TryQuarantine(segment) && IsCurrent(segment) && !segment.TryDropIndex())
                throw new CorruptDataException($"'{segment.LogPath}' cannot be read at offset {offset}, although all of it verifies.");
            return FileOutcome.LookAgain;
        }
        catch (IOException) when (!IsCurrent(segment))
        {
            return FileOutcome.NothingThere; // retention, the cleaner or a delete took it between look-up and read
        }
    }

    /// <summary>Where to begin a scan of a segment. It may read the index file, so never with <see cref="Gate"/> held.</summary>
    private IndexEntry PlaceIn(Segment segment, SegmentIndex index, IndexColumn column, long value)
    {
        IndexPlace place;
        lock (Gate)
            place = index.Find(column, value);
        return segment.PlaceOf(_context, place, column, value);
    }

    private bool IsCurrent(Segment segment) => Array.IndexOf(SegmentsNow(), segment) >= 0;

    /// <summary>
    /// Reads whole batches from a place in a file where one begins. Bytes that are read for the first time are verified. False when already
    /// the first batch does not verify.
    /// </summary>
    private bool TryReadBatches(IStorageFile file, in SegmentPlace at, int maxBytes, long endOffset, out LogRead read)
    {
        read = default;
        Span<byte> overhead = stackalloc byte[RecordBatchHeader.LogOverhead];
        file.Read(overhead, at.Position);
        var first = RecordBatchHeader.PeekSize(overhead);
        if (first < 0 || first > at.End - at.Position)
            return false;
        var want = (int)Math.Min(at.End - at.Position, Math.Max(first, maxBytes));
        var buffer = new LeasedBuffer(_context.Buffers, want);
        var count = file.Read(buffer.Bytes.AsSpan(0, want), at.Position);
        var good = Verify(buffer.Bytes.AsSpan(0, count), at);
        var range = WholeBatches(buffer.Bytes.AsSpan(0, good), 0, long.MinValue, maxBytes, endOffset);
        if (range.Length > 0)
            read = new LogRead(buffer.Bytes.AsMemory(range.Start, range.Length), range.NextOffset, buffer.ReleaseAction);
        else
            buffer.Release();
        return good > 0;
    }

    /// <summary>How many of the bytes hold whole batches that verify, and follow on one another.</summary>
    private int Verify(ReadOnlySpan<byte> bytes, in SegmentPlace at)
    {
        var (segment, expected, position) = (at.Segment, at.Offset, 0);
        var known = segment.VerifiedBytes;
        while (bytes.Length - position >= RecordBatchHeader.Size)
        {
            var batch = bytes[position..];
            var size = RecordBatchHeader.PeekSize(batch);
            if (size > batch.Length)
                break; // cut off by the end of the read
            if (!DamageScan.Follows(batch, expected, segment.Generation > 0, EndOffset, batch.Length))
                break;
            if (at.Position + position + size > known && RecordBatchValidator.CheckIntact(batch[..(int)size], out _) != ErrorCode.None)
                break;
            expected = BatchFields.LastOffset(batch) + 1;
            position += (int)size;
        }

        if (at.Position <= known)
            segment.VerifiedBytes = Math.Max(known, at.Position + position);
        return position;
    }

    /// <summary>
    /// Steps over batches that end at or before an offset, and over damage that is known; false when the end comes first.
    /// </summary>
    private bool TrySkipTo(IStorageFile file, long offset, ref SegmentPlace at, out bool isDamaged)
    {
        isDamaged = false;
        Span<byte> header = stackalloc byte[RecordBatchHeader.Size];
        while (at.Position < at.End)
        {
            if (DamageAt(at.Segment, at.Position) is { } damage && at.Offset < damage.EndOffset)
            {
                at = at with { Position = damage.EndPosition, Offset = damage.EndOffset };
                continue;
            }

            isDamaged = file.Read(header, at.Position) < RecordBatchHeader.Size
                || !DamageScan.Follows(header, at.Offset, at.Segment.Generation > 0, EndOffset, at.End - at.Position);
            if (isDamaged)
                return false;
            if (BatchFields.LastOffset(header) >= offset)
                return true;
            at = at with { Position = at.Position + RecordBatchHeader.PeekSize(header), Offset = BatchFields.LastOffset(header) + 1 };
        }

        return false;
    }

    /// <summary>The range of whole batches from the one that holds an offset on.</summary>
    private static (int Start, int Length, long NextOffset) WholeBatches(
        ReadOnlySpan<byte> bytes, int at, long offset, int maxBytes, long endOffset)
    {
        var start = -1;
        var nextOffset = 0L;
        while (bytes.Length - at >= RecordBatchHeader.Size)
        {
            var size = RecordBatchHeader.PeekSize(bytes[at..]);
            var last = BatchFields.LastOffset(bytes[at..]);
            if (size < 0 || size > bytes.Length - at || last >= endOffset)
                break;
            if (last >= offset)
            {
                if (start < 0)
                    start = at;
                else if (at + size - start > maxBytes)
                    break;
            }

            at += (int)size;
            nextOffset = last + 1;
        }

        return start < 0 ? (0, 0, 0) : (start, at - start, nextOffset);
    }

    /// <summary>Where to read: in a leased buffer of the tail, or in a segment's file.</summary>
    private readonly record struct Place(Segment Segment, LeasedBuffer? Buffer, int BufferStart, int BufferEnd, long FileEnd);

    private enum FileOutcome
    {
        Read,
        NothingThere,
        LookAgain,
    }

    /// <summary>
    /// A place in a segment file where a batch should begin, with the offset that it should have, and where the file ends.
    /// </summary>
    private readonly record struct SegmentPlace(Segment Segment, long Position, long Offset, long End);
}
