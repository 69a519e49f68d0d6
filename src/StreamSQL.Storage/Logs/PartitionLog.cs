using StreamSQL.Kafka.Records;

namespace StreamSQL.Storage.Logs;

/// <summary>
/// The log of one partition: segments on disk and a hot tail in memory. Appended batches go to the tail and, through the
/// <see cref="CommitQueue"/>, to the journal or straight to the segment; segments are written behind.
/// <para>
/// Bytes are counted by log position, over all segments since the log was opened: appended &gt;= writable (a segment may hold it: its
/// journal
/// frame is durable, or it needs none) &gt;= written &gt;= flushed. A segment keeps its first position for good; when the cleaner has made
/// it shorter, positions are left out between it and the next.
/// </para>
/// <para>
/// Threads: appends, look-ups and marks hold <see cref="Gate"/>, never during file access. Writing behind holds the io gate, taken before
/// it. What changes the list of segments other than at its end holds the structure gate, taken before both.
/// </para>
/// </summary>
public sealed partial class PartitionLog
{
    private const int FirstChunkBytes = 4 * 1024;
    private const int MaxChunkBytes = 1024 * 1024;

    /// <summary>
    /// Batches from so many bytes on may stay in the buffer that they came in; smaller pieces of tail would make small fetches.
    /// </summary>
    public const int SharedFromBytes = 128 * 1024;

    private readonly LogContext _context;
    private readonly string _directory;
    private readonly List<TailChunk> _tail = [];
    private Segment[] _segments;
    private long _tailBytes;
    private long _startOffset;
    private long _endOffset;
    private long _durableEndOffset;
    private long _syncedOffset;
    private long _appended;
    private long _writable;
    private long _writableOffset;
    private LeaderEpochs _epochs;
    private bool _closed;

    internal PartitionLog(LogId id, string directory, LogConfig config, LogContext context, LoadedLog loaded)
    {
        Id = id;
        Ordinal = context.NextOrdinal();
        Config = config;
        _directory = directory;
        _context = context;
        _segments = loaded.Segments;
        _manifest = loaded.Manifest;
        _lastGeneration = loaded.Manifest.LastGeneration;
        _epochs = loaded.Epochs;
        _damage = [.. loaded.Damage];
        _startOffset = loaded.StartOffset;
        _endOffset = _durableEndOffset = _syncedOffset = _writableOffset = _writtenOffset = _flushedOffset = loaded.EndOffset;
        _appended = _writable = _written = _flushed = loaded.Segments.Length == 0 ? 0 : loaded.Segments[^1].EndPosition;
        RecoveredBytes = loaded.VerifiedBytes;
    }

    /// <summary>The log's name.</summary>
    public LogId Id { get; }

    /// <summary>
    /// Guards the log's state. A partition holds it while it checks a batch and appends it, so that its own state follows the log's order.
    /// Never held during file access.
    /// </summary>
    public Lock Gate { get; } = new();

    /// <summary>How the log is kept; may be replaced at any time.</summary>
    public LogConfig Config { get; set; }

    /// <summary>The first offset that can be read.</summary>
    public long StartOffset => Volatile.Read(ref _startOffset);

    /// <summary>The offset that the next record gets.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>All records below this are durable, as far as the log's <see cref="FlushPolicy"/> asks for it.</summary>
    public long DurableEndOffset => Volatile.Read(ref _durableEndOffset);

    /// <summary>Which leader epochs wrote the log.</summary>
    public LeaderEpochs Epochs => Volatile.Read(ref _epochs);

    /// <summary>Bytes of all segments.</summary>
    public long SizeInBytes
    {
        get
        {
            var size = 0L;
            foreach (var segment in SegmentsNow())
                size += segment.Length;
            return size;
        }
    }

    /// <summary>Bytes whose checksums were verified when the log was opened.</summary>
    public long RecoveredBytes { get; }

    /// <summary>Called, with <see cref="Gate"/> held, when <see cref="DurableEndOffset"/> has advanced. Must be quick.</summary>
    public Action? DurableAdvanced { get; set; }

    /// <summary>The log's place in the order in which the gates of several logs are taken.</summary>
    public long Ordinal { get; }

    /// <summary>Whether the log was deleted or the store closed; guarded by <see cref="Gate"/>.</summary>
    public bool IsClosed => _closed;

    /// <summary>Where the bytes of the log that a segment may hold end; the commit queue's business.</summary>
    internal long WritablePosition => Volatile.Read(ref _writable);

    /// <summary>Whether the log is in the store's list of logs to flush; guarded by that list's lock.</summary>
    internal bool InDirtyList { get; set; }

    /// <summary>Bytes of this log in the current write, or why it must use the journal; only the commit writer uses it.</summary>
    internal long DirectBytes { get; set; } = CommitWriter.NotSeen;

    /// <summary>Where the last append ends that was part of an atomic group; only the commit writer uses it.</summary>
    internal long AtomicEndPosition { get; set; }

    /// <summary>Where what was written directly ends; only the commit writer uses it.</summary>
    internal long DirectEndPosition { get; set; }

    /// <summary>Bytes of this log's last writes, as long as each brought much; only the commit writer uses it.</summary>
    internal long FlowBytes { get; set; }

    /// <summary>
    /// Appends one batch, which the caller has validated: copies it or takes it where it lies, patches offset and leader epoch, and adds it
    /// to a group that the caller then enqueues before leaving <see cref="Gate"/>. Returns the batch's base offset.
    /// </summary>
    /// <param name="batch">Exactly one intact batch.</param>
    /// <param name="leaderEpoch">The epoch to stamp.</param>
    /// <param name="appendTimeMs">The time to stamp (<c>message.timestamp.type=LogAppendTime</c>), or -1 to leave the producer's.</param>
    /// <param name="group">The group that makes it durable.</param>
    /// <param name="owner">
    /// The buffer in which the batch lies, if the log may keep that: a large batch that fills most of it is then not copied, and nobody
    /// else may write to it from now on.
    /// </param>
    public long Append(ReadOnlySpan<byte> batch, int leaderEpoch, long appendTimeMs, CommitGroup group, LeasedBuffer? owner = null)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (!RecordBatchHeader.TryRead(batch, out var header) || header.SizeInBytes != batch.Length)
            throw new ArgumentException("Not exactly one record batch.", nameof(batch));
        var baseOffset = _endOffset;
        var maxTimestamp = appendTimeMs >= 0 ? appendTimeMs : header.MaxTimestamp;
        var segment = SegmentFor(header, maxTimestamp);
        var chunk = Store(batch, segment, baseOffset, owner, out var at);
        var stored = chunk.Buffer.Bytes.AsSpan(at, batch.Length);
        RecordBatchHeader.SetBaseOffset(stored, baseOffset);
        RecordBatchHeader.SetLeaderEpoch(stored, leaderEpoch);
        if (appendTimeMs >= 0)
            RecordBatchHeader.StampAppendTime(stored, appendTimeMs);

        segment.ActiveIndex.Add(segment.BaseOffset, header, baseOffset, maxTimestamp, Config.IndexIntervalBytes);
        var endOffset = baseOffset + header.LastOffsetDelta + 1;
        chunk.Buffer.Acquire(); // until the commit queue has written it
        group.Add(new LogEntry(this, segment, chunk.Buffer, at, batch.Length, _appended, endOffset));
        chunk.Used += batch.Length;
        segment.Length += batch.Length;
        _appended += batch.Length;
        Volatile.Write(ref _endOffset, endOffset);
        return baseOffset;
    }

    /// <summary>Begins a leader epoch at the log's end.</summary>
    internal void BeginEpoch(int epoch)
    {
        lock (Gate)
            Volatile.Write(ref _epochs, _epochs.To(_endOffset).With(epoch, _endOffset));
    }

    /// <summary>Lets the segment take bytes up to a position without a journal frame.</summary>
    internal void MarkWritable(long position, long offset)
    {
        lock (Gate)
        {
            if (position <= _writable)
                return;
            Volatile.Write(ref _writable, position);
            _writableOffset = offset;
        }
    }

    /// <summary>All records below this have been synced.</summary>
    internal long SyncedOffset => Volatile.Read(ref _syncedOffset);

    /// <summary>Notes that all records below an offset have been written out, which is all that the log's flush policy asks for.</summary>
    internal void MarkWrittenOut(long offset)
    {
        lock (Gate)
            AdvanceDurable(offset);
    }

    /// <summary>Notes that all records below an offset, which end at a position, are synced.</summary>
    internal void MarkDurable(long position, long offset)
    {
        lock (Gate)
        {
            if (position > _writable)
            {
                Volatile.Write(ref _writable, position);
                _writableOffset = offset;
            }

            Volatile.Write(ref _syncedOffset, Math.Max(_syncedOffset, offset));
            AdvanceDurable(offset);
        }
    }

    private void AdvanceDurable(long offset)
    {
        if (offset <= _durableEndOffset || _closed)
            return;
        Volatile.Write(ref _durableEndOffset, offset);
        DurableAdvanced?.Invoke();
    }

    /// <summary>Drops the oldest chunk of the tail if its segment holds all of it; false when it must stay.</summary>
    internal bool TryDropTail(TailChunk chunk)
    {
        lock (Gate)
        {
            if (_closed || chunk.IsDropped)
                return true;
            if (_tail.Count == 0 || _tail[0] != chunk || chunk.EndPosition > _written)
                return false;
            _tail.RemoveAt(0);
            _tailBytes -= chunk.Capacity;
        }

        chunk.Buffer.Release();
        return true;
    }

    /// <summary>Ends the log's life in memory; files stay as they are.</summary>
    internal void Close()
    {
        lock (Gate)
        {
            if (_closed)
                return;
            _closed = true;
            foreach (var chunk in _tail)
                chunk.Buffer.Release();
            _tail.Clear();
        }

        lock (_ioGate)
        {
            _unflushed.Clear();
            foreach (var segment in _segments)
                _context.Files.Forget(segment.LogPath);
        }
    }

    private Segment SegmentFor(RecordBatchHeader batch, long maxTimestamp)
    {
        if (_segments.Length > 0 && _segments[^1].BaseOffset >= _manifest.EndOffset)
        {
            var active = _segments[^1];
            var index = active.ActiveIndex;
            var expired = index.FirstTimestamp >= 0 && !batch.Attributes.IsControl
                && maxTimestamp - index.FirstTimestamp > Config.RollAfterMs(Id, active.BaseOffset);
            var full = active.Length > 0 && active.Length + batch.SizeInBytes > Config.SegmentBytes;
            var outOfRange = _endOffset + batch.LastOffsetDelta - active.BaseOffset > int.MaxValue;
            if (!expired && !full && !outOfRange)
                return active;
        }

        return Roll();
    }

    /// <summary>Begins a new segment at the log's end.</summary>
    private Segment Roll()
    {
        var segment = new Segment(_directory, _endOffset, _appended, new SegmentIndex());
        _segments = [.. _segments, segment];
        return segment;
    }

    /// <summary>Puts a batch into the tail; tells where in the chunk's buffer it lies.</summary>
    private TailChunk Store(ReadOnlySpan<byte> batch, Segment segment, long baseOffset, LeasedBuffer? owner, out int at)
    {
        var isWorthKeeping = batch.Length >= SharedFromBytes && batch.Length >= owner?.Length / 2;
        if (isWorthKeeping && batch.Overlaps(owner!.Bytes, out var before))
        {
            at = -before;
            owner.Acquire();
            return AddChunk(segment, baseOffset, owner, at..(at + batch.Length));
        }

        var chunk = ChunkFor(batch.Length, segment, baseOffset);
        at = chunk.BufferAt + chunk.Used;
        batch.CopyTo(chunk.Buffer.Bytes.AsSpan(at));
        return chunk;
    }

    private TailChunk ChunkFor(int bytes, Segment segment, long baseOffset)
    {
        if (_tail.Count > 0)
        {
            var last = _tail[^1];
            if (last.Segment == segment && last.Room - last.Used >= bytes)
                return last;
        }

        // As much again as the tail holds: a busy log gets large chunks, a thousand quiet ones waste little.
        var capacity = Math.Clamp(_tailBytes, FirstChunkBytes, MaxChunkBytes);
        return AddChunk(segment, baseOffset, new LeasedBuffer(_context.Buffers, Math.Max(bytes, (int)capacity)), Range.All);
    }

    private TailChunk AddChunk(Segment segment, long baseOffset, LeasedBuffer buffer, Range bytes)
    {
        var chunk = new TailChunk(this, segment, _appended, baseOffset, buffer, bytes);
        _tail.Add(chunk);
        _tailBytes += chunk.Capacity;
        _context.Tails.Add(chunk);
        return chunk;
    }
}
