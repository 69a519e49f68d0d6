using StreamSQL.Storage.Cleaning;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <content>What the cleaner sees of the log, and how it replaces segments.</content>
public sealed partial class PartitionLog
{
    private readonly Lock _structureGate = new();
    private readonly Lock _cleaningGate = new();
    private SegmentManifest _manifest;
    private long _lastGeneration;

    /// <summary>What the log's owner tells the cleaner; without it the log is not cleaned.</summary>
    public CleaningSource? CleaningSource { get; set; }

    /// <summary>Records below this have been cleaned.</summary>
    public long FirstDirtyOffset => Volatile.Read(ref _manifest).FirstDirtyOffset;

    /// <summary>Records below this may have been cleaned, or taken out by a cleaning that was not noted.</summary>
    public long RewrittenOffset => Math.Max(FirstDirtyOffset, Volatile.Read(ref _manifest).EndOffset);

    /// <summary>Held by the cleaner as long as it works on the log.</summary>
    internal Lock CleaningGate => _cleaningGate;

    /// <summary>Waits until the cleaner has found that the log is closed.</summary>
    internal void AwaitCleaning()
    {
        lock (_cleaningGate)
        {
            // nothing to do here
        }
    }

    /// <summary>
    /// Makes whole segments durable that only the journal has: only they can be cleaned, and where
    /// little is written the next checkpoint is far.
    /// </summary>
    internal void FlushSealed()
    {
        var segments = SegmentsNow();
        if (segments.Length > 1 && segments[^1].BaseOffset > FlushedOffset)
            Flush();
    }

    /// <summary>
    /// What the cleaner may work on: whole segments before the one that is written, flushed, of decided records that are old enough.
    /// </summary>
    /// <param name="nowMs">The present time, in milliseconds since 1970.</param>
    /// <param name="lastStableOffset">Records from here on are not decided.</param>
    internal LogDirt MeasureDirt(long nowMs, long lastStableOffset)
    {
        var config = Config;
        var segments = SegmentsNow();
        var flushed = FlushedOffset;
        if (segments.Length < 2)
            return LogDirt.None;
        var dirt = LogDirt.None with { FirstDirtyOffset = Math.Max(FirstDirtyOffset, segments[0].BaseOffset) };
        var count = 0;
        var limit = Math.Min(lastStableOffset, flushed);
        for (; count < segments.Length - 1; count++)
        {
            var segment = segments[count];
            var end = segments[count + 1].BaseOffset;
            if (segment.BaseOffset >= limit || end > flushed || IsDamaged(segment))
                break; // what is damaged, and what comes behind, stays as it is
            if (end <= dirt.FirstDirtyOffset)
            {
                dirt = dirt with { CleanBytes = dirt.CleanBytes + segment.Length };
                continue;
            }

            var index = IndexOf(segment, out var length);
            if (config.MinCompactionLagMs > 0 && index.MaxTimestamp > nowMs - config.MinCompactionLagMs)
                break;
            dirt = dirt with
            {
                DirtyBytes = dirt.DirtyBytes + length,
                OldestDirtyTimestamp = Math.Min(dirt.OldestDirtyTimestamp, index.FirstTimestamp < 0 ? long.MaxValue : index.FirstTimestamp),
            };
        }

        var segmentsEnd = segments[count].BaseOffset;
        return dirt with { Segments = segments[..count], SegmentsEnd = segmentsEnd, EndOffset = Math.Min(limit, segmentsEnd) };
    }

    /// <summary>Whether all these segments are the log's.</summary>
    internal bool HoldsAll(ReadOnlySpan<Segment> segments)
    {
        var now = SegmentsNow();
        foreach (var segment in segments)
        {
            if (!now.Contains(segment))
                return false;
        }

        return true;
    }

    /// <summary>
    /// A segment for the cleaner to write; it has no position, since all of it will be in its file. No file of its name was ever there.
    /// </summary>
    internal Segment NewCleanedSegment(long baseOffset) =>
        new(_directory, baseOffset, 0, null, ++_lastGeneration) { NameIsDurable = true };

    /// <summary>
    /// Puts rewritten segments, which are durable, in the place of others, and moves the end of what has been cleaned. One durable step,
    /// the manifest, makes them the log's; then the old files are deleted, which readers that have them open do not notice.
    /// </summary>
    /// <returns>False when the log has changed: then nothing was replaced.</returns>
    /// <exception cref="StorageFailedException">Nobody knows whether the manifest is durable.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    internal bool TryReplace(IReadOnlyList<Segment> old, IReadOnlyList<Segment> replacement, long firstDirtyOffset)
    {
        lock (_structureGate)
        {
            int at;
            Segment[] head;
            long end;
            lock (Gate)
            {
                at = old.Count == 0 ? 0 : Array.IndexOf(_segments, old[0]);
                if (_closed || at < 0 || !_segments.AsSpan(at).StartsWith(old.ToArray()))
                    return false;
                head = [.. _segments[..at], .. replacement];
                end = Math.Max(_manifest.EndOffset, old.Count == 0 ? 0 : _segments[at + old.Count].BaseOffset);
            }

            var named = head.Concat(SegmentsNow().Skip(at + old.Count)).Where(s => s.BaseOffset < end).ToList();
            var manifest = new SegmentManifest(
                end, firstDirtyOffset, _lastGeneration, [.. named.Select(s => new ManifestSegment(s.BaseOffset, s.Generation, s.Length))]);
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.DeleteBeforeManifest))
                _context.FileSystem.DeleteFile(old.Count == 0 ? "" : old[0].LogPath);
#endif
            Write(manifest);
            lock (Gate)
            {
                _segments = [.. head, .. _segments[(at + old.Count)..]];
                Volatile.Write(ref _manifest, manifest);
                DropTailOf(old);
            }

            foreach (var segment in old)
                DeleteFiles(segment);
            return true;
        }
    }

    private void Write(SegmentManifest manifest)
    {
        try
        {
            _context.FileSystem.FlushDirectory(_directory); // the new files' names, before anything names them
            manifest.Write(_context.FileSystem, _directory);
        }
        catch (IOException e) when (!StorageErrors.IsDiskFull(e))
        {
            throw new StorageFailedException($"The segment manifest of '{_directory}' could not be made durable.", e);
        }
    }

    /// <summary>Lets go of the hot tail of segments that were replaced: all of it was in their files.</summary>
    private void DropTailOf(IReadOnlyList<Segment> segments)
    {
        for (var i = _tail.Count - 1; i >= 0; i--)
        {
            var chunk = _tail[i];
            if (!segments.Contains(chunk.Segment))
                continue;
            chunk.IsDropped = true;
            _tail.RemoveAt(i);
            _tailBytes -= chunk.Capacity;
            chunk.Buffer.Release();
        }
    }

    private void DeleteFiles(Segment segment)
    {
        _context.FileSystem.DeleteFile(segment.LogPath);
        _context.FileSystem.DeleteFile(segment.IndexPath);
        _context.Files.Forget(segment.LogPath);
    }
}

/// <summary>How much of a log waits to be cleaned.</summary>
/// <param name="Segments">The segments that may be rewritten.</param>
/// <param name="SegmentsEnd">Where their offsets end.</param>
/// <param name="FirstDirtyOffset">From where on records have not been cleaned.</param>
/// <param name="EndOffset">Records from here on stay as they are.</param>
/// <param name="CleanBytes">Bytes of segments that were cleaned.</param>
/// <param name="DirtyBytes">Bytes of segments that were not.</param>
/// <param name="OldestDirtyTimestamp">The first timestamp in the latter, in milliseconds since 1970.</param>
internal sealed record LogDirt(
    Segment[] Segments, long SegmentsEnd, long FirstDirtyOffset, long EndOffset,
    long CleanBytes, long DirtyBytes, long OldestDirtyTimestamp)
{
    public static LogDirt None { get; } = new([], 0, 0, 0, 0, 0, long.MaxValue);

    /// <summary>The part that was not cleaned.</summary>
    public double Ratio => DirtyBytes == 0 ? 0 : DirtyBytes / (double)(CleanBytes + DirtyBytes);
}
