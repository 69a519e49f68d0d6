using StreamSQL.Kafka;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>What was found on disk of a log.</summary>
internal sealed record LoadedLog(
    Segment[] Segments, SegmentManifest Manifest, LeaderEpochs Epochs, IReadOnlyList<DamagedRange> Damage,
    long StartOffset, long EndOffset, long VerifiedBytes)
{
    /// <summary>A log of which nothing is on disk.</summary>
    public static LoadedLog New(int leaderEpoch) =>
        new([], SegmentManifest.None, new LeaderEpochs([new EpochStart(leaderEpoch, 0)]), [], 0, 0, 0);
}

/// <summary>
/// Opens a log's segments after the journal has been replayed into them. Which files those are, the manifest says below its end; files that
/// it does not name there are removed. Records beyond the flushed end are verified batch by batch; what does not verify is cut off, which
/// can only be appends that were never acknowledged.
/// </summary>
internal static class LogLoader
{
    public static LoadedLog Load(
        LogContext context, string directory, LogConfig config, LogBounds bounds, LeaderEpochs? epochs, bool clean)
    {
        var (manifest, found) = FindSegments(context, directory, bounds);
        if (bounds.FlushedOffset == LogBounds.Unknown)
            bounds = FindBounds(context, directory, manifest, found, bounds.StartOffset);
        var verified = 0L;
        var position = 0L;
        var end = Math.Max(bounds.StartOffset, manifest.EndOffset);
        var opened = new List<Segment>();
        var damage = new List<DamagedRange>();
        for (var i = 0; i < found.Count; i++)
        {
            var (baseOffset, generation, length) = found[i];
            var isNamed = i < manifest.Segments.Count;
            var isLast = i == found.Count - 1;
            var knownEnd = isNamed && i == manifest.Segments.Count - 1 ? manifest.EndOffset : isLast ? -1 : found[i + 1].BaseOffset;
            if (knownEnd >= 0 && knownEnd <= bounds.StartOffset)
            {
                Delete(context, directory, baseOffset, generation); // below the start: the delete had not come through
                continue;
            }

            if (!isNamed && (opened.Count > 0 || baseOffset > end) && baseOffset != end)
            {
                if (baseOffset < end || baseOffset > bounds.FlushedOffset)
                {
                    Cut(context, directory, found, i);
                    break;
                }

                damage.Add(Missing(directory, opened, end, baseOffset));
            }

            var segment = new Segment(directory, baseOffset, position, null, generation) { NameIsDurable = true };
            if (isNamed && !context.FileSystem.FileExists(segment.LogPath))
            {
                damage.Add(new DamagedRange(Math.Max(baseOffset, bounds.StartOffset), knownEnd, segment.LogPath, 0, 0));
                end = knownEnd;
                continue;
            }

            using var lease = context.Files.Open(segment.LogPath, FileOpening.Write);
            segment.Length = isNamed ? Math.Min(lease.File.Length, length) : lease.File.Length;
            if (isNamed && segment.Length < length)
                damage.AddRange(DamageScan.Check(lease.File, segment, segment.Length, knownEnd, isFull: true));
            var limit = isLast ? long.MaxValue : found[i + 1].BaseOffset;
            var mustVerify = !clean && limit > bounds.FlushedOffset;
            var index = !isNamed && (isLast || mustVerify)
                ? LoadIndex(context, config, segment, lease.File, Math.Min(bounds.FlushedOffset, limit), clean, damage, ref verified)
                : null;
            segment.AdoptIndex(index);
            end = index?.EndOffset ?? knownEnd;
            position = segment.EndPosition;
            opened.Add(segment);
        }

        end = Math.Max(end, manifest.EndOffset);
        end = Math.Max(end, bounds.StartOffset);
        if (end < bounds.FlushedOffset)
        {
            damage.Add(Missing(directory, opened, end, bounds.FlushedOffset));
            end = bounds.FlushedOffset;
        }

        damage.RemoveAll(range => range.EndOffset <= bounds.StartOffset);
        epochs = (epochs ?? LeaderEpochs.Scan(context, opened)).From(bounds.StartOffset);
        if (damage.Count > 0 && damage[^1].EndOffset == end)
            opened.Add(NewSegment(directory, end, position)); // nothing is appended behind damaged bytes
        return new LoadedLog([.. opened], manifest, epochs, damage, bounds.StartOffset, end, verified);
    }

    /// <summary>
    /// The log's manifest, and its segments in order, with the length that the manifest says or -1. Removes files that are left over from
    /// cleaning.
    /// </summary>
    private static (SegmentManifest Manifest, List<ManifestSegment> Segments) FindSegments(
        LogContext context, string directory, LogBounds bounds)
    {
        var files = context.FileSystem.ListFiles(directory);
        var manifest = ManifestRebuild.ReadOrRebuild(context, directory, files, bounds.FlushedOffset);
        var found = new List<ManifestSegment>(manifest.Segments);
        var named = found.Select(s => (s.BaseOffset, s.Generation)).ToHashSet();
        foreach (var name in files)
        {
            var isLog = Segment.TryParseName(name, Segment.LogExtension, out var baseOffset, out var generation);
            if (!isLog && !Segment.TryParseName(name, Segment.IndexExtension, out baseOffset, out generation))
                continue;
            if (named.Contains((baseOffset, generation)))
                continue;
            if (baseOffset < manifest.EndOffset || generation > 0)
                context.FileSystem.DeleteFile($"{directory}/{name}");
            else if (isLog)
                found.Add(new ManifestSegment(baseOffset, generation, -1));
        }

        return (manifest, found);
    }

    /// <summary>The bounds of a log of which the checkpoint is lost: all that is intact was durable, or can be served as well.</summary>
    private static LogBounds FindBounds(
        LogContext context, string directory, SegmentManifest manifest, List<ManifestSegment> found, long knownStart)
    {
        if (found.Count == 0)
            return new LogBounds(knownStart, knownStart);
        var start = Math.Max(knownStart, found[0].BaseOffset);
        if (found.Count == manifest.Segments.Count)
            return new LogBounds(start, Math.Max(start, manifest.EndOffset));
        var last = new Segment(directory, found[^1].BaseOffset, 0, null);
        using var lease = context.Files.Open(last.LogPath, FileOpening.Write);
        return new LogBounds(start, Math.Max(start, DamageScan.EndOfIntact(lease.File, last)));
    }

    /// <summary>
    /// The index of a segment whose end is not known: the saved one, carried on by a scan. What does not verify is cut off behind the
    /// flushed end, and is damage before it.
    /// </summary>
    private static SegmentIndex LoadIndex(
        LogContext context, LogConfig config, Segment segment, IStorageFile file, long flushedOffset, bool clean,
        List<DamagedRange> damage, ref long verified)
    {
        var index = SegmentIndexFile.TryLoad(context.FileSystem, segment.IndexPath, segment.Length) ?? new SegmentIndex();
        segment.SavedIndexBytes = index.CoveredBytes;
        if (index.CoveredBytes == 0)
            index.BeginAt(segment.BaseOffset);
        Scan(file, config, segment, index, flushedOffset, ref verified);
        if (index.EndOffset < flushedOffset)
            index = Salvage(file, config, segment, flushedOffset, damage);

#if PLANTED_BUGS
        if (!Planted.IsAwake(PlantedBug.KeepTornTail))
#endif
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

    /// <summary>Indexes what is intact of a segment that is damaged before its flushed end.</summary>
    private static SegmentIndex Salvage(
        IStorageFile file, LogConfig config, Segment segment, long flushedOffset, List<DamagedRange> damage)
    {
        var index = new SegmentIndex();
        index.BeginAt(segment.BaseOffset);
        segment.SavedIndexBytes = 0;
        while (true)
        {
            segment.AddIntact(file, index, config.IndexIntervalBytes);
            if (index.EndOffset >= flushedOffset)
                return index;
            var (from, expected) = (index.CoveredBytes, index.EndOffset);
            var (position, offset) = DamageScan.FindIntact(file, from, segment.Length, expected, long.MaxValue);
            if (position >= segment.Length || offset > flushedOffset)
                (position, offset) = (segment.Length, flushedOffset); // what is behind cannot be told from a torn write
            damage.Add(new DamagedRange(expected, offset, segment.LogPath, from, position));
            index.SkipTo(position, offset);
        }
    }

    /// <summary>Adds batches to an index up to the first that does not follow or, beyond the flushed end, does not verify.</summary>
    private static void Scan(
        IStorageFile file, LogConfig config, Segment segment, SegmentIndex index, long flushedOffset, ref long verified)
    {
        using var scanner = new BatchScanner(file, index.CoveredBytes, segment.Length);
        while (scanner.MoveNext())
        {
            var batch = scanner.Current;
            if (batch.BaseOffset != index.EndOffset || batch.LastOffsetDelta < 0)
                return;
            if (batch.NextOffset > flushedOffset)
            {
#if PLANTED_BUGS
                if (!Planted.IsAwake(PlantedBug.SkipBatchChecksum))
#endif
                if (RecordBatchValidator.CheckIntact(batch.Batch, out _) != ErrorCode.None)
                    return;
                verified += batch.SizeInBytes;
            }

            index.Add(segment.BaseOffset, batch, batch.BaseOffset, batch.MaxTimestamp, config.IndexIntervalBytes);
        }
    }

    private static Segment NewSegment(string directory, long baseOffset, long position)
    {
        var index = new SegmentIndex();
        index.BeginAt(baseOffset);
        return new Segment(directory, baseOffset, position, index);
    }

    /// <summary>Records that no file holds.</summary>
    private static DamagedRange Missing(string directory, List<Segment> opened, long from, long to) => opened.Count == 0
        ? new DamagedRange(from, to, directory, 0, 0)
        : new DamagedRange(from, to, opened[^1].LogPath, opened[^1].Length, opened[^1].Length);

    /// <summary>
    /// Deletes segments that do not follow on the last good record, and of which nothing was flushed; for good, since after another power
    /// cut they could else follow on what is appended next.
    /// </summary>
    private static void Cut(LogContext context, string directory, List<ManifestSegment> segments, int from)
    {
        for (var i = from; i < segments.Count; i++)
            Delete(context, directory, segments[i].BaseOffset, segments[i].Generation);
        context.FileSystem.FlushDirectory(directory);
    }

    private static void Delete(LogContext context, string directory, long baseOffset, long generation)
    {
        var segment = new Segment(directory, baseOffset, 0, null, generation);
        context.FileSystem.DeleteFile(segment.LogPath);
        context.FileSystem.DeleteFile(segment.IndexPath);
    }
}
