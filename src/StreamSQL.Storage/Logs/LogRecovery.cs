using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>Replays journal frames into the segments of the logs that still exist.</summary>
internal sealed class LogRecovery(DataDirectory directory, LogContext context, CheckpointFile checkpoint, IEnumerable<LogId> logs)
{
    private readonly HashSet<LogId> _logs = [.. logs];
    private readonly Dictionary<LogId, long> _starts = [];
    private readonly Dictionary<LogId, long> _endsBehindDamage = [];
    private bool _isBehindDamage;
    private readonly HashSet<Segment> _touched = [];
    private readonly Dictionary<(LogId Id, long BaseOffset), Segment> _segments = [];

    public LogContext Context { get; } = context;

    /// <summary>Whether the journal held anything.</summary>
    public bool HasReplayed { get; private set; }

    /// <summary>What recovery knows of a log.</summary>
    public LogBounds BoundsOf(LogId id)
    {
        var bounds = checkpoint.Logs.GetValueOrDefault(id, new LogBounds(0, checkpoint.IsLost ? LogBounds.Unknown : 0));
        return new LogBounds(
            Math.Max(bounds.StartOffset, _starts.GetValueOrDefault(id)),
            Math.Max(bounds.FlushedOffset, _endsBehindDamage.GetValueOrDefault(id, LogBounds.Unknown)));
    }

    /// <summary>
    /// A part of the journal is lost. Records that are replayed from now on stay, whatever is missing before them: that is quarantined.
    /// What the part held of logs' ends nobody knows.
    /// </summary>
    public void NoteDamage(long fromLsn, long toLsn)
    {
        _isBehindDamage = true;
        Context.Repairs.Add(
            $"The journal is damaged: {toLsn - fromLsn} bytes at {fromLsn} were durable and do not verify. Acknowledged records that " +
            "only they "
            + "held are lost: where later records of a partition are there, the gap is quarantined, else the partition ends before it.");
    }

    /// <summary>Replays one frame.</summary>
    public void Replay(long lsn, ReadOnlySpan<byte> payload)
    {
        HasReplayed = true;
        while (!payload.IsEmpty)
        {
            payload = LogEntry.Decode(payload, out var entry);
            if (!_logs.Contains(entry.Id))
                continue; // its topic was deleted
            if (entry.Position < 0)
                _starts[entry.Id] = Math.Max(entry.Offset, _starts.GetValueOrDefault(entry.Id));
            else
                Write(entry);
        }
    }

    /// <summary>Makes what was replayed durable in the segments, and removes the files of topics that no longer exist.</summary>
    public void Finish()
    {
        foreach (var segment in _touched)
        {
            using var lease = Context.Files.Open(segment.LogPath, FileOpening.Write);
            lease.File.FlushData();
            Context.FileSystem.FlushDirectory(segment.Directory);
        }

        var topics = _logs.Select(id => $"{id.TopicId:N}").ToHashSet();
        foreach (var name in Context.FileSystem.ListDirectories(directory.LogsPath))
        {
            var path = $"{directory.LogsPath}/{name}";
            if (!topics.Contains(name))
                Context.FileSystem.DeleteDirectory(path);
            else if (_touched.Count > 0)
                Context.FileSystem.FlushDirectory(path);
        }

        Context.FileSystem.FlushDirectory(directory.LogsPath);
    }

    private void Write(ReplayedEntry entry)
    {
        if (!RecordBatchHeader.TryRead(entry.Batch, out var batch))
            throw new CorruptDataException("A journal entry does not hold a record batch.");
        if (batch.NextOffset <= checkpoint.Logs.GetValueOrDefault(entry.Id).FlushedOffset)
            return; // its segment had it before
        if (!_segments.TryGetValue((entry.Id, entry.Offset), out var segment))
        {
            var path = $"{directory.LogsPath}/{entry.Id.Directory}";
            segment = new Segment(path, entry.Offset, 0, null);
            Context.FileSystem.CreateDirectory(path);
            _segments.Add((entry.Id, entry.Offset), segment);
        }

        if (_isBehindDamage)
            _endsBehindDamage[entry.Id] = Math.Max(batch.NextOffset, _endsBehindDamage.GetValueOrDefault(entry.Id));
        using var lease = Context.Files.Open(segment.LogPath, FileOpening.OpenOrCreate);
        lease.File.Write(entry.Batch, entry.Position);
        _touched.Add(segment);
    }
}
