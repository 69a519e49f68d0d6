using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Storage.Logs;

/// <content>Look-ups by timestamp.</content>
public sealed partial class PartitionLog
{
    private const int ScanBytes = 64 * 1024;
    private const int MaxDecompressedBytes = 256 * 1024 * 1024;

    /// <summary>
    /// The first record at or after a time, of those below <paramref name="endOffset"/>: its offset and timestamp. False when there is
    /// none.
    /// </summary>
    public bool TryFindTimestamp(long timestamp, long endOffset, out TimestampedOffset found)
    {
        while (true)
        {
            var segments = SegmentsNow();
            try
            {
                return TryFindTimestamp(segments, timestamp, endOffset, out found);
            }
            catch (IOException) when (SegmentsNow() != segments)
            {
                // One of them was deleted or replaced meanwhile: look in those that are there now.
            }
        }
    }

    /// <summary>The record with the largest timestamp below <paramref name="endOffset"/>. False for an empty log.</summary>
    public bool TryFindMaxTimestamp(long endOffset, out TimestampedOffset found)
    {
        while (true)
        {
            var segments = SegmentsNow();
            try
            {
                return TryFindMaxTimestamp(segments, endOffset, out found);
            }
            catch (IOException) when (SegmentsNow() != segments)
            {
                // as above
            }
        }
    }

    private bool TryFindTimestamp(Segment[] segments, long timestamp, long endOffset, out TimestampedOffset found)
    {
        foreach (var segment in segments)
        {
            var index = IndexOf(segment, out var length);
            if (length == 0 || index.MaxTimestamp < timestamp)
                continue;
            var relativeOffset = PlaceIn(segment, index, IndexColumn.Timestamp, timestamp).RelativeOffset;
            if (TryFindTimestamp(segment.BaseOffset + relativeOffset, timestamp, endOffset, out found))
                return true;
        }

        found = default;
        return false;
    }

    private bool TryFindMaxTimestamp(Segment[] segments, long endOffset, out TimestampedOffset found)
    {
        var best = long.MinValue;
        var bestOffset = -1L;
        foreach (var segment in segments)
        {
            var index = IndexOf(segment, out var length);
            if (length > 0 && index.MaxTimestamp > best && index.OffsetOfMaxTimestamp < endOffset)
                (best, bestOffset) = (index.MaxTimestamp, index.OffsetOfMaxTimestamp);
        }

        if (bestOffset >= StartOffset && TryFindTimestamp(segments, best, endOffset, out found))
            return true;
        found = default;
        return false;
    }

    private SegmentIndex IndexOf(Segment segment, out long length)
    {
        length = segment.Length;
        return segment.GetIndex(_context, Config.IndexIntervalBytes);
    }

    private bool TryFindTimestamp(long at, long timestamp, long endOffset, out TimestampedOffset found)
    {
        found = default;
        while (at < endOffset)
        {
            using var read = ReadIntact(Math.Max(at, StartOffset), ScanBytes, endOffset);
            if (read.IsEmpty)
                return false;
            var rest = read.Batches.Span;
            while (RecordBatchHeader.TryRead(rest, out var batch))
            {
                if (batch.MaxTimestamp >= timestamp && TryFindInBatch(batch, timestamp, StartOffset, out found))
                    return true;
                at = batch.NextOffset;
                rest = rest[batch.SizeInBytes..];
            }
        }

        return false;
    }

    private static bool TryFindInBatch(RecordBatchHeader batch, long timestamp, long startOffset, out TimestampedOffset found)
    {
        found = default;
        if (batch.Attributes.TimestampType == TimestampType.LogAppendTime && batch.Count > 0)
        {
            found = new TimestampedOffset(batch.BaseOffset, batch.MaxTimestamp, batch.LeaderEpoch);
            return batch.LastOffset >= startOffset;
        }

        using var plain = new PooledBuffer(MaxDecompressedBytes);
        return TryFindInRecords(batch.PlainRecords(plain), batch, timestamp, startOffset, out found);
    }

    private static bool TryFindInRecords(
        ReadOnlySpan<byte> records, RecordBatchHeader batch, long timestamp, long startOffset, out TimestampedOffset found)
    {
        var reader = new RecordBatchReader(records, batch.Count);
        while (reader.MoveNext())
        {
            var time = batch.BaseTimestamp + reader.TimestampDelta;
            var offset = batch.BaseOffset + reader.OffsetDelta;
            if (time < timestamp || offset < startOffset)
                continue;
            found = new TimestampedOffset(offset, time, batch.LeaderEpoch);
            return true;
        }

        found = default;
        return false;
    }
}
