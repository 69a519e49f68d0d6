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
    public LogRead Read(long offset, int maxBytes, long endOffset)
    {
        while (offset < endOffset)
        {
            if (!TryLocate(offset, out var place))
                return default;
            if (place.Buffer is { } buffer)
                return ReadTail(buffer, place, offset, maxBytes, endOffset);
            if (TryReadFile(place, offset, maxBytes, endOffset, out var read))
                return read;
            if (!TryPass(place.Segment, ref offset))
                return default;
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
                    ? chunk.Segment.ActiveIndex.PositionOfOffset(offset - chunk.Segment.BaseOffset)
                    : 0;
                var start = Math.Max(chunk.Position, chunk.Segment.StartPosition + inSegment);
                place = new Place(chunk.Segment, chunk.Buffer, (int)(start - chunk.Position), chunk.Used, 0);
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

    /// <summary>Reads from a segment file; false when it holds no batch at or after the offset, or is gone.</summary>
    private bool TryReadFile(in Place place, long offset, int maxBytes, long endOffset, out LogRead read)
    {
        read = default;
        var segment = place.Segment;
        try
        {
            var index = segment.GetIndex(_context, Config.IndexIntervalBytes);
            long start;
            lock (Gate)
                start = index.PositionOfOffset(offset - segment.BaseOffset);
            using var lease = _context.Files.Open(segment.LogPath, FileOpening.Write);
            if (!SkipTo(lease.File, offset, place.FileEnd, ref start))
                return false;
            read = ReadBatches(lease.File, start, place.FileEnd, maxBytes, endOffset);
            return true;
        }
        catch (IOException) when (!IsCurrent(segment))
        {
            return false; // retention, the cleaner or a delete took it between look-up and read
        }
    }

    private bool IsCurrent(Segment segment) => Array.IndexOf(SegmentsNow(), segment) >= 0;

    /// <summary>Reads whole batches from a position in a file where one begins.</summary>
    private LogRead ReadBatches(IStorageFile file, long start, long end, int maxBytes, long endOffset)
    {
        Span<byte> overhead = stackalloc byte[RecordBatchHeader.LogOverhead];
        file.Read(overhead, start);
        var first = RecordBatchHeader.PeekSize(overhead);
        if (first < 0 || first > end - start)
            throw new CorruptDataException($"'{file.Path}' holds no record batch at {start}.");
        var want = (int)Math.Min(end - start, Math.Max(first, maxBytes));
        var buffer = new LeasedBuffer(_context.Buffers, want);
        var count = file.Read(buffer.Bytes.AsSpan(0, want), start);
        var range = WholeBatches(buffer.Bytes.AsSpan(0, count), 0, long.MinValue, maxBytes, endOffset);
        if (range.Length > 0)
            return new LogRead(buffer.Bytes.AsMemory(range.Start, range.Length), range.NextOffset, buffer.ReleaseAction);
        buffer.Release();
        return default;
    }

    /// <summary>Steps over batches that end at or before an offset; false when the end comes first.</summary>
    private static bool SkipTo(IStorageFile file, long offset, long end, ref long start)
    {
        Span<byte> header = stackalloc byte[RecordBatchHeader.Size];
        while (start < end)
        {
            if (file.Read(header, start) < RecordBatchHeader.Size)
                return false;
            var size = RecordBatchHeader.PeekSize(header);
            if (size < 0)
                throw new CorruptDataException($"'{file.Path}' holds no record batch at {start}.");
            if (BatchFields.LastOffset(header) >= offset)
                return true;
            start += size;
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
}
