using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <content>Writing behind, flushing, and deleting old segments.</content>
public sealed partial class PartitionLog
{
    private const long IndexSaveBytes = 4L * 1024 * 1024;
    private readonly Lock _ioGate = new();
    private readonly List<Segment> _unflushed = [];
    private long _written;
    private long _flushed;
    private long _flushedOffset;
    private long _writtenOffset;

    /// <summary>All records below this are durable in their segments, journal or not.</summary>
    internal long FlushedOffset => Volatile.Read(ref _flushedOffset);

    /// <summary>The bytes below this are durable in their segments.</summary>
    internal long FlushedPosition => Volatile.Read(ref _flushed);

    /// <summary>Bytes that no segment holds yet.</summary>
    internal long PendingBytes => Volatile.Read(ref _appended) - Volatile.Read(ref _written);

    /// <summary>Writes to the segments all that they may hold; returns where that ends.</summary>
    internal LogPosition WriteBehind()
    {
        lock (_ioGate)
        {
            while (TryTakePending(out var chunk, out var start, out var count))
            {
                try
                {
                    WriteChunk(chunk, start, count);
                }
                finally
                {
                    chunk.Buffer.Release();
                }
            }

            lock (Gate)
                return new LogPosition(_written, _writtenOffset);
        }
    }

    /// <summary>Writes behind, makes the segments durable, and saves indexes that have grown enough.</summary>
    internal void Flush()
    {
        lock (_ioGate)
        {
            var written = WriteBehind();
            if (written.Position == _flushed)
                return;
            foreach (var segment in _unflushed)
                FlushSegment(segment);
            NoteFlushed(written);
        }
    }

    /// <summary>
    /// Notes that the file system has made durable all that an earlier <see cref="WriteBehind"/> had written. Segments that got more since
    /// then
    /// stay on the list.
    /// </summary>
    internal void NoteFlushed(in LogPosition written)
    {
        lock (_ioGate)
        {
            if (written.Position <= _flushed)
                return;
            var end = written.Position;
            foreach (var segment in _unflushed)
                segment.NameIsDurable |= segment.StartPosition < end;
            _unflushed.RemoveAll(segment => _written <= end || segment.StartPosition + segment.Length <= end);
            Volatile.Write(ref _flushed, end);
            Volatile.Write(ref _flushedOffset, written.Offset);
            SaveIndexes(IndexSaveBytes);
        }
    }

    /// <summary>Saves the indexes of all segments, so that the next start scans nothing.</summary>
    internal void SaveAllIndexes()
    {
        lock (_ioGate)
            SaveIndexes(1);
    }

    /// <summary>Moves the log's start up; adds the move to a group that the caller enqueues before leaving <see cref="Gate"/>.</summary>
    /// <returns>False when the log begins there or beyond already.</returns>
    internal bool TryAdvanceStart(long offset, CommitGroup group)
    {
        if (offset <= _startOffset || offset > _endOffset || _closed)
            return false;
        Volatile.Write(ref _startOffset, offset);
        Volatile.Write(ref _epochs, _epochs.From(offset));
        if (_damage.Length > 0)
            Volatile.Write(ref _damage, [.. _damage.Where(range => range.EndOffset > offset)]);
        group.Add(LogEntry.Start(this, offset));
        return true;
    }

    /// <summary>Begins a new segment, so that the present one can be deleted with its records; returns where the new one begins.</summary>
    public long RollSegment()
    {
        lock (Gate)
        {
            if (!_closed && _segments.Length > 0 && _segments[^1].Length > 0)
                Roll();
            return _endOffset;
        }
    }

    /// <summary>Deletes the files of segments that lie below the log's start.</summary>
    internal void DeleteOldSegments()
    {
        lock (_structureGate)
        lock (_ioGate)
        {
            WriteBehind();
            List<Segment> old = [];
            lock (Gate)
            {
                var first = 0;
                while (first < _segments.Length - 1
                    && _segments[first + 1].BaseOffset <= _startOffset && _segments[first].EndPosition <= _written)
                    old.Add(_segments[first++]);
                _segments = _segments[first..];
            }

            foreach (var segment in old)
            {
                _unflushed.Remove(segment);
                DeleteFiles(segment);
            }
        }
    }

    /// <summary>
    /// The offset that the log should start at by its retention settings (Kafka's: whole segments, by their largest timestamp and by the
    /// log's size; only below <paramref name="limitOffset"/>).
    /// </summary>
    internal long RetentionStart(long nowMs, long limitOffset)
    {
        var segments = SegmentsNow();
        try
        {
            return RetentionStart(segments, nowMs, limitOffset);
        }
        catch (IOException) when (SegmentsNow() != segments)
        {
            return StartOffset; // the cleaner replaced a segment meanwhile; there is a next time
        }
    }

    private long RetentionStart(Segment[] segments, long nowMs, long limitOffset)
    {
        var config = Config;
        var start = StartOffset;
        var excess = config.RetentionBytes < 0 ? 0 : SizeInBytes - config.RetentionBytes;
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = segments[i];
            var end = i + 1 < segments.Length ? segments[i + 1].BaseOffset : EndOffset;
            var isLast = i == segments.Length - 1;
            var tooBig = !isLast && excess >= segment.Length;
            var tooOld = config.RetentionMs >= 0 && segment.Length > 0 && IndexOf(segment, out _).MaxTimestamp < nowMs - config.RetentionMs;
            if (end > limitOffset || !(tooBig || tooOld))
                break;
            excess -= segment.Length;
            start = end;
        }

        return start;
    }

    private bool TryTakePending(out TailChunk chunk, out int start, out int count)
    {
        lock (Gate)
        {
            (chunk, start, count) = (null!, 0, 0);
            if (_closed)
                return false;
            if (_written >= _writable)
            {
                _writtenOffset = _writableOffset;
                return false;
            }

            foreach (var candidate in _tail)
            {
                if (candidate.EndPosition <= _written)
                    continue;
                chunk = candidate;
                start = (int)(_written - candidate.Position);
                count = (int)(Math.Min(candidate.EndPosition, _writable) - _written);
                candidate.Buffer.Acquire();
                return true;
            }

            throw new InvalidOperationException($"Log {Id} lost bytes of its tail before they were written.");
        }
    }

    private void WriteChunk(TailChunk chunk, int start, int count)
    {
        var segment = chunk.Segment;
        var opening = FileOpening.Write;
        if (!segment.IsCreated)
        {
            opening = FileOpening.OpenOrCreate;
            _context.FileSystem.CreateDirectory(_directory);
        }

        using (var lease = _context.Files.Open(segment.LogPath, opening))
            lease.File.Write(chunk.Buffer.Bytes.AsSpan(chunk.BufferAt + start, count), chunk.Position + start - segment.StartPosition);
        segment.IsCreated = true;
        if (_unflushed.Count == 0 || _unflushed[^1] != segment)
            _unflushed.Add(segment);
        lock (Gate)
            Volatile.Write(ref _written, _written + count);
    }

    private void FlushSegment(Segment segment)
    {
        using var lease = _context.Files.Open(segment.LogPath, FileOpening.Write);
        lease.File.FlushData();
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.ForgetSegmentDirectorySync))
            segment.NameIsDurable = true;
#endif
        if (!segment.NameIsDurable)
            FlushNames();
        segment.NameIsDurable = true;
    }

    /// <summary>Flushes the partition's directory and the two above it, which may be as new as the segment.</summary>
    private void FlushNames()
    {
        var path = _directory;
        for (var level = 0; level < 3; level++)
        {
            _context.FileSystem.FlushDirectory(path);
            path = path[..path.LastIndexOf('/')];
        }
    }

    private void SaveIndexes(long growthBytes)
    {
        foreach (var segment in SegmentsNow())
        {
            SegmentIndex index;
            IndexUpdate update;
            var complete = false;
            lock (Gate)
            {
                if (!segment.IsIndexInMemory)
                    continue;
                var covered = Math.Min(_flushed, segment.EndPosition) - segment.StartPosition;
                complete = segment != _segments[^1] && covered == segment.Length;
                if (covered <= segment.SavedIndexBytes || (!complete && covered - segment.SavedIndexBytes < growthBytes))
                    continue;
                index = segment.ActiveIndex;
                update = index.Unsaved(covered, covered == segment.Length ? index.EndOffset : _flushedOffset);
            }

            segment.SaveIndex(_context, update);
            lock (Gate)
            {
                index.NoteSaved(update);
                if (complete)
                    segment.Seal();
            }
        }
    }
}

/// <summary>A place in a log between batches.</summary>
/// <param name="Position">The log position.</param>
/// <param name="Offset">The offset of the next record.</param>
internal readonly record struct LogPosition(long Position, long Offset);
