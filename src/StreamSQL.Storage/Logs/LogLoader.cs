using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>What was found on disk of a log.</summary>
internal sealed record LoadedLog(Segment[] Segments, long StartOffset, long EndOffset, long VerifiedBytes);

/// <summary>
/// Opens a log's segments after the journal has been replayed into them. Records beyond the flushed end are verified batch by batch; what
/// does not verify is cut off, which can only be appends that were never acknowledged.
/// </summary>
internal static class LogLoader
{
    public static LoadedLog Load(LogContext context, string directory, LogConfig config, LogBounds bounds, bool clean)
    {
        var segments = new List<Segment>();
        foreach (var name in context.FileSystem.ListFiles(directory))
        {
            if (!Segment.TryParseName(name, out var baseOffset))
                continue;
            segments.Add(new Segment(directory, baseOffset, 0, null));
        }

        var verified = 0L;
        var position = 0L;
        var end = bounds.StartOffset;
        var opened = new List<Segment>();
        for (var i = 0; i < segments.Count; i++)
        {
            var isLast = i == segments.Count - 1;
            if (!isLast && segments[i + 1].BaseOffset <= bounds.StartOffset)
            {
                Delete(context, segments[i]); // below the start: the delete had not come through
                continue;
            }

            if (opened.Count > 0 && segments[i].BaseOffset != end)
            {
                Cut(context, directory, segments, i, end, bounds);
                break;
            }

            var segment = new Segment(directory, segments[i].BaseOffset, position, null) { NameIsDurable = true };
            using var lease = context.Files.Open(segment.LogPath, FileOpening.Write);
            segment.Length = lease.File.Length;
            var mustVerify = !clean && (isLast || segments[i + 1].BaseOffset > bounds.FlushedOffset);
            var index = isLast || mustVerify ? LoadIndex(context, config, segment, lease.File, bounds, clean, ref verified) : null;
            segment.AdoptIndex(index);
            end = index?.EndOffset ?? segments[i + 1].BaseOffset;
            position = segment.EndPosition;
            opened.Add(segment);
        }

        if (end < bounds.FlushedOffset)
            throw Damaged(directory, end, bounds);
        return new LoadedLog([.. opened], bounds.StartOffset, Math.Max(end, bounds.StartOffset), verified);
    }

    /// <summary>The index of a segment whose end is not known: the saved one, carried on by a scan. Cuts what does not verify.</summary>
    private static SegmentIndex LoadIndex(
        LogContext context, LogConfig config, Segment segment, IStorageFile file, LogBounds bounds, bool clean, ref long verified)
    {
        var index = SegmentIndex.TryLoad(context.FileSystem, segment.IndexPath, segment.Length) ?? new SegmentIndex();
        segment.SavedIndexBytes = index.CoveredBytes;
        if (index.CoveredBytes == 0)
            index.BeginAt(segment.BaseOffset);
        using var scanner = new BatchScanner(file, index.CoveredBytes, segment.Length);
        while (scanner.MoveNext())
        {
            var batch = scanner.Current;
            if (batch.BaseOffset != index.EndOffset || batch.LastOffsetDelta < 0)
                break;
            if (!clean && batch.NextOffset > bounds.FlushedOffset)
            {
                if (RecordBatchValidator.CheckIntact(batch.Batch, out _) != ErrorCode.None)
                    break;
                verified += batch.SizeInBytes;
            }

            index.Add(segment.BaseOffset, batch, batch.BaseOffset, batch.MaxTimestamp, config.IndexIntervalBytes);
        }

        if (index.EndOffset < bounds.FlushedOffset)
            throw Damaged(segment.LogPath, index.EndOffset, bounds);
        if (index.CoveredBytes < segment.Length)
        {
            file.SetLength(index.CoveredBytes);
            segment.Length = index.CoveredBytes;
        }

        if (!clean)
        {
            // What is served from now on must not vanish in a power cut after the process has merely been killed.
            file.FlushData();
            context.FileSystem.FlushDirectory(segment.Directory);
        }

        return index;
    }

    /// <summary>Deletes segments that do not follow on the last good record.</summary>
    private static void Cut(LogContext context, string directory, List<Segment> segments, int from, long end, LogBounds bounds)
    {
        if (end < bounds.FlushedOffset)
            throw Damaged(directory, end, bounds);
        for (var i = from; i < segments.Count; i++)
            Delete(context, segments[i]);
    }

    private static CorruptDataException Damaged(string path, long end, LogBounds bounds) =>
        new($"'{path}' is damaged: good records end at offset {end}, but records up to {bounds.FlushedOffset} had been durable.");

    private static void Delete(LogContext context, Segment segment)
    {
        context.FileSystem.DeleteFile(segment.LogPath);
        context.FileSystem.DeleteFile(segment.IndexPath);
    }
}
