using StreamSQL.Storage.Files;
using StreamSQL.Storage.Logs;

namespace StreamSQL.Storage.Cleaning;

/// <summary>
/// Finds a manifest that is missing or does not verify again in the files that are there. Of files for the same offsets the oldest
/// generation is taken: a cleaning deletes what it replaces only after the manifest has named the new files, so an old file that is still
/// there is whole, and a new one beside it may not be.
/// </summary>
internal static class ManifestRebuild
{
    /// <summary>A log's manifest; rebuilt, and written, when it cannot be read.</summary>
    /// <param name="context">What logs share.</param>
    /// <param name="directory">The log's directory.</param>
    /// <param name="files">The names of the files in it.</param>
    /// <param name="flushedOffset">Records below this were durable; <see cref="LogBounds.Unknown"/> when nobody knows.</param>
    /// <exception cref="UnknownFormatException">A newer version wrote it.</exception>
    public static SegmentManifest ReadOrRebuild(LogContext context, string directory, IReadOnlyList<string> files, long flushedOffset)
    {
        var isDamaged = false;
        try
        {
            if (files.Any(SegmentManifest.IsManifestFile))
                return SegmentManifest.Read(context.FileSystem, directory, context.Repairs);
        }
        catch (CorruptDataException)
        {
            isDamaged = true;
        }

        var segments = Find(files);
        if (!isDamaged && !segments.Exists(s => s.Generation > 0))
            return SegmentManifest.None;
        var manifest = Rebuild(context, directory, segments, flushedOffset);
        if (!isDamaged && manifest.Segments.Count == 0)
            return manifest; // a first cleaning that was interrupted
        context.FileSystem.FlushDirectory(directory);
        manifest.Write(context.FileSystem, directory);
        context.Repairs.Add($"The segment manifest of '{directory}' was missing or did not verify; it was rebuilt from the segments.");
        return manifest;
    }

    private static List<(long BaseOffset, long Generation)> Find(IReadOnlyList<string> files)
    {
        var segments = new List<(long BaseOffset, long Generation)>();
        foreach (var name in files)
        {
            if (Segment.TryParseName(name, Segment.LogExtension, out var baseOffset, out var generation))
                segments.Add((baseOffset, generation));
        }

        segments.Sort();
        return segments;
    }

    private static SegmentManifest Rebuild(
        LogContext context, string directory, List<(long BaseOffset, long Generation)> files, long flushedOffset)
    {
        var chosen = new List<ManifestSegment>();
        var named = 0;
        var covered = 0L;
        var namedEnd = 0L;
        foreach (var (baseOffset, generation) in files)
        {
            if (chosen.Count > 0 && (baseOffset < covered || baseOffset == chosen[^1].BaseOffset))
                continue;
            var segment = new Segment(directory, baseOffset, 0, null, generation);
            using var lease = context.Files.Open(segment.LogPath, FileOpening.Write);
            chosen.Add(new ManifestSegment(baseOffset, generation, lease.File.Length));
            covered = DamageScan.EndOfIntact(lease.File, segment);
            if (generation > 0)
                (named, namedEnd) = (chosen.Count, covered);
        }

        if (named == 0)
            return SegmentManifest.None;
        var end = named < chosen.Count ? chosen[named].BaseOffset : Math.Max(namedEnd, flushedOffset);
        return new SegmentManifest(end, 0, files.Max(f => f.Generation), chosen[..named]);
    }
}
