using System.Collections.Concurrent;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Storage.Cleaning;

/// <summary>Bounds of the log cleaner.</summary>
public sealed record LogCleanerOptions
{
    /// <summary><c>log.cleaner.dedupe.buffer.size</c>: bytes of the map of keys; what does not fit waits for the next pass.</summary>
    public long DedupeBufferBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary><c>log.cleaner.io.max.bytes.per.second</c>, read and written.</summary>
    public long MaxBytesPerSecond { get; init; } = 64L * 1024 * 1024;

    /// <summary><c>log.cleaner.backoff.ms</c>: how long it sleeps when there is nothing to clean.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// Compacts logs in the background, one after another, the dirtiest first. A pass fills a map with the last offsets of the keys in the part
/// of the log that is new (as far as the map has room), then rewrites the log from its start to the map's end, small segments joined, each
/// group in one crash-safe step and in order: so an older value is gone before the deletion that replaced it. No lock of the log is held
/// while files are read and written.
/// </summary>
public sealed class LogCleaner : IDisposable
{
    private const int MaxDecompressedBytes = 256 * 1024 * 1024;
    private readonly LogStore _store;
    private readonly LogContext _context;
    private readonly LogCleanerOptions _options;
    private readonly TimeProvider _time;
    private readonly OffsetMap _map;
    private readonly IoThrottle _throttle;
    private readonly Lock _passGate = new();
    private readonly object _gate = new(); // a monitor: the thread waits on it
    private readonly ConcurrentDictionary<LogId, string> _uncleanable = new();
    private Thread? _thread;
    private bool _stopping;

    /// <summary>A cleaner for the logs of a store.</summary>
    public LogCleaner(LogStore store, LogCleanerOptions options, TimeProvider time)
    {
        _store = store;
        _context = store.Context;
        _options = options;
        _time = time;
        _map = new OffsetMap(options.DedupeBufferBytes);
        _throttle = new IoThrottle(options.MaxBytesPerSecond, time, Wait);
    }

    /// <summary>Logs that are left alone, since something in them cannot be read; and what that is.</summary>
    public IReadOnlyDictionary<LogId, string> Uncleanable => _uncleanable;

    /// <summary>Starts the thread. Without it (simulation) the owner calls <see cref="CleanOnce"/>.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { Name = "log cleaner", IsBackground = true, Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Makes one pass over the log that needs it most; false when none does, or the disk is full.</summary>
    public bool CleanOnce()
    {
        lock (_passGate)
        {
            var dirtiest = FindDirtiest(out var dirt);
            return dirtiest is not null && TryClean(dirtiest, dirt);
        }
    }

    /// <summary>Stops the thread; a pass that is under way is given up.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Run()
    {
        try
        {
            while (Wait(_options.Backoff) && _store.Commits.Failure is null)
            {
                while (!Volatile.Read(ref _stopping) && CleanOnce())
                {
                }
            }
        }
        catch (Exception e)
        {
            _store.Commits.Fail(e);
        }
    }

    /// <summary>Waits; false when the cleaner is to stop.</summary>
    private bool Wait(TimeSpan time)
    {
        lock (_gate)
        {
            if (!_stopping)
                Monitor.Wait(_gate, time);
            return !_stopping;
        }
    }

    private PartitionLog? FindDirtiest(out LogDirt most)
    {
        PartitionLog? dirtiest = null;
        most = LogDirt.None;
        foreach (var log in _store.LogsNow())
        {
            if (!log.Config.IsCompacted || log.CleaningSource is null || _uncleanable.ContainsKey(log.Id))
                continue;
            if (TryFlush(log) && TryMeasure(log) is { } dirt && IsDue(dirt, log.Config) && (dirtiest is null || dirt.Ratio > most.Ratio))
                (dirtiest, most) = (log, dirt);
        }

        return dirtiest;
    }

    private bool TryFlush(PartitionLog log)
    {
        try
        {
            log.FlushSealed();
            return true;
        }
        catch (IOException e)
        {
            if (!StorageErrors.IsDiskFull(e))
                _store.Commits.Fail(e);
            return false;
        }
    }

    private LogDirt? TryMeasure(PartitionLog log)
    {
        try
        {
            return log.MeasureDirt(NowMs, log.CleaningSource!.LastStableOffset());
        }
        catch (IOException e)
        {
            if (!log.IsClosed)
                _uncleanable[log.Id] = e.Message;
            return null;
        }
    }

    private bool IsDue(LogDirt dirt, LogConfig config) =>
        dirt.EndOffset > dirt.FirstDirtyOffset
        && (dirt.Ratio > config.MinCleanableDirtyRatio
            || (config.MaxCompactionLagMs < long.MaxValue && dirt.OldestDirtyTimestamp < NowMs - config.MaxCompactionLagMs));

    private bool TryClean(PartitionLog log, LogDirt dirt)
    {
        lock (log.CleaningGate)
        {
            _throttle.IsPointless = () => log.IsClosed || Volatile.Read(ref _stopping);
            try
            {
                Pass(log, dirt);
                return true;
            }
            catch (OperationCanceledException)
            {
                return true; // the log was closed: there may be others
            }
            catch (StorageFailedException e)
            {
                _store.Commits.Fail(e);
                return false;
            }
            catch (IOException e) when (StorageErrors.IsDiskFull(e))
            {
                return false;
            }
            catch (Exception e) when (e is IOException or KafkaException)
            {
                if (!QuarantineAny(log, dirt) && log.HoldsAll(dirt.Segments))
                    _uncleanable[log.Id] = e.Message;
                return true;
            }
            finally
            {
                _map.Clear();
            }
        }
    }

    /// <summary>Quarantines what of the segments does not verify: the next pass then ends before it.</summary>
    private static bool QuarantineAny(PartitionLog log, LogDirt dirt)
    {
        var any = false;
        foreach (var segment in dirt.Segments)
            any |= log.TryQuarantine(segment);
        return any;
    }

    private void Pass(PartitionLog log, LogDirt dirt)
    {
        var state = log.CleaningSource!.Describe();
        FillMap(dirt, state);
        var groups = SegmentGroups.Of(dirt, _map.EndOffset, log.Config.SegmentBytes);
        using var cleaner = new BatchCleaner(_map, state, NowMs, log.Config.DeleteRetentionMs);
        var isNoted = false;
        for (var i = 0; i < groups.Count; i++)
        {
            using var rewriter = new SegmentRewriter(_context, log, groups[i], _throttle);
            foreach (var segment in groups[i])
                Rewrite(segment, cleaner, rewriter);
            if (!rewriter.IsWriting)
                continue;
            isNoted = i == groups.Count - 1;
            log.CleaningSource.Emptied(cleaner.Emptied); // before their markers can go
            if (!rewriter.TryReplace(isNoted ? _map.EndOffset : log.FirstDirtyOffset))
                return; // retention was quicker; the next pass begins again
        }

        if (!isNoted)
            log.TryReplace([], [], _map.EndOffset);
        log.CleaningSource.Emptied(cleaner.Emptied);
    }

    /// <summary>Notes the last offset of each key in the part that was not cleaned yet, as far as there is room.</summary>
    private void FillMap(LogDirt dirt, CleaningState state)
    {
        var transactions = new TransactionScan(state.Aborted);
        foreach (var segment in dirt.Segments)
        {
            using var lease = _context.Files.Open(segment.LogPath, FileOpening.Write);
            using var scanner = new BatchScanner(lease.File, 0, segment.Length);
            while (MoveNext(scanner, segment))
            {
                var batch = scanner.Current;
                if (batch.BaseOffset >= dirt.EndOffset)
                    break;
                if (batch.Attributes.IsControl || transactions.IsAborted(batch) || batch.NextOffset <= dirt.FirstDirtyOffset)
                    continue;
                if (!TryAddKeys(batch, dirt.FirstDirtyOffset))
                    return;
            }
        }

        _map.EndOffset = dirt.EndOffset;
    }

    /// <summary>Adds a batch's keys; false, with the map's end noted, when one found no room.</summary>
    private bool TryAddKeys(RecordBatchHeader batch, long fromOffset)
    {
        using var plain = new PooledBuffer(MaxDecompressedBytes);
        var reader = new RecordBatchReader(batch.PlainRecords(plain), batch.Count);
        while (reader.MoveNext())
        {
            var offset = batch.BaseOffset + reader.OffsetDelta;
            if (offset < fromOffset || !reader.HasKey || _map.TryPut(reader.Key, offset))
                continue;
            _map.EndOffset = offset;
            return false;
        }

        return true;
    }

    private void Rewrite(Segment segment, BatchCleaner cleaner, SegmentRewriter rewriter)
    {
        using var lease = _context.Files.Open(segment.LogPath, FileOpening.Write);
        using var scanner = new BatchScanner(lease.File, 0, segment.Length);
        while (MoveNext(scanner, segment))
        {
            var batch = scanner.Current;
            var fate = cleaner.Clean(batch, out var rewritten);
            if (fate != BatchFate.Kept)
                rewriter.BeginChange(lease.File, scanner.Position);
            if (fate == BatchFate.Rewritten)
                RecordBatchHeader.TryRead(rewritten, out batch);
            if (fate != BatchFate.Removed && rewriter.IsWriting)
                rewriter.Append(batch);
        }
    }

    /// <summary>Moves to the next batch and checks it: what is damaged must not get a new checksum.</summary>
    private bool MoveNext(BatchScanner scanner, Segment segment)
    {
        if (!scanner.MoveNext())
        {
            return scanner.Position == segment.Length
                ? false
                : throw new CorruptDataException($"'{segment.LogPath}' holds no record batch at {scanner.Position}.");
        }

        _throttle.Spend(scanner.Current.SizeInBytes);
        return RecordBatchValidator.CheckIntact(scanner.Current.Batch, out _) == ErrorCode.None
            ? true
            : throw new CorruptDataException($"The batch at {scanner.Position} of '{segment.LogPath}' does not verify.");
    }
}
