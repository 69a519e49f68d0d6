using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Storage.Cleaning;

/// <summary>
/// Writes what survives of a group of segments into a new one (or, should it not fit, several), with its index. Nothing is written as long
/// as a single segment proves to be unchanged. The files are not the log's until <see cref="PartitionLog.TryReplace"/> says so.
/// </summary>
internal sealed class SegmentRewriter : IDisposable
{
    private const int BufferBytes = 1024 * 1024;
    private readonly LogContext _context;
    private readonly PartitionLog _log;
    private readonly IoThrottle _throttle;
    private readonly IReadOnlyList<Segment> _group;
    private readonly PooledBuffer _buffer = new();
    private readonly List<Segment> _written = [];
    private IStorageFile? _file;
    private SegmentIndex _index = new();
    private long _length;
    private bool _isDone;

    public SegmentRewriter(LogContext context, PartitionLog log, IReadOnlyList<Segment> group, IoThrottle throttle)
    {
        _context = context;
        _log = log;
        _group = group;
        _throttle = throttle;
        IsWriting = group.Count > 1;
    }

    /// <summary>Whether what is appended is written: from the first change on, and always when segments are joined.</summary>
    public bool IsWriting { get; private set; }

    /// <summary>Notes that the batch at a position of the (only) segment changes, and copies what is before it.</summary>
    public void BeginChange(IStorageFile source, long position)
    {
        if (IsWriting)
            return;
        IsWriting = true;
        using var scanner = new BatchScanner(source, 0, position);
        while (scanner.MoveNext())
        {
            _throttle.Spend(scanner.Current.SizeInBytes);
            Append(scanner.Current);
        }
    }

    /// <summary>Adds a batch.</summary>
    public void Append(RecordBatchHeader batch)
    {
        if (_file is not null && _length + batch.SizeInBytes > int.MaxValue)
            Complete();
        if (_file is null)
            Begin(_written.Count == 0 ? _group[0].BaseOffset : batch.BaseOffset);
        _index.Add(_written[^1].BaseOffset, batch, batch.BaseOffset, batch.MaxTimestamp, _log.Config.IndexIntervalBytes);
        _buffer.Append(batch.Batch);
        _length += batch.SizeInBytes;
        _throttle.Spend(batch.SizeInBytes);
        if (_buffer.Length >= BufferBytes)
            WriteOut();
    }

    /// <summary>Makes the new segments durable and puts them in the group's place; false when the log has changed.</summary>
    public bool TryReplace(long firstDirtyOffset)
    {
        Complete();
        _isDone = true; // when this throws, the files may be the log's
        return _isDone = _log.TryReplace(_group, _written, firstDirtyOffset);
    }

    /// <summary>Removes what was written, unless it became the log's.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _buffer.Dispose();
        if (_isDone)
            return;
        foreach (var segment in _written)
        {
            _context.FileSystem.DeleteFile(segment.LogPath);
            _context.FileSystem.DeleteFile(segment.IndexPath);
        }
    }

    private void Begin(long baseOffset)
    {
        var segment = _log.NewCleanedSegment(baseOffset);
        _file = _context.FileSystem.Open(segment.LogPath, FileOpening.CreateNew);
        _written.Add(segment);
        _index = new SegmentIndex();
        _length = 0;
    }

    private void WriteOut()
    {
        _file!.Write(_buffer.WrittenSpan, _length - _buffer.Length);
        _buffer.Clear();
    }

    private void Complete()
    {
        if (_file is null)
            return;
        WriteOut();
        _file.FlushData();
        _file.Dispose();
        _file = null;
        var segment = _written[^1];
        segment.Complete(_length);
        segment.SaveIndex(_context, _index);
    }
}
