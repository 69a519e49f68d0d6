using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <content>Damaged ranges: found when they are read, and kept out of the way of everything else.</content>
public sealed partial class PartitionLog
{
    private DamagedRange[] _damage;

    /// <summary>Damaged ranges that are known, in order. What has not been read since the log was opened has not been looked at.</summary>
    public IReadOnlyList<DamagedRange> Damage => Volatile.Read(ref _damage);

    /// <summary>Whether a segment is known to be damaged.</summary>
    internal bool IsDamaged(Segment segment)
    {
        foreach (var range in Volatile.Read(ref _damage))
        {
            if (range.File == segment.LogPath)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Looks for damage in a segment and quarantines what is found; false when all of it is intact, or it is not the log's any more.
    /// </summary>
    internal bool TryQuarantine(Segment segment)
    {
        long endPosition, limitOffset;
        bool isFull;
        lock (Gate)
        {
            var at = Array.IndexOf(_segments, segment);
            if (at < 0 || _closed)
                return false;
            endPosition = Math.Min(Volatile.Read(ref _written), segment.EndPosition) - segment.StartPosition;
            isFull = IsFull(segment, at);
            limitOffset = at + 1 < _segments.Length ? _segments[at + 1].BaseOffset : _endOffset;
        }

        List<DamagedRange> found;
        using (var lease = _context.Files.Open(segment.LogPath, FileOpening.Write))
            found = DamageScan.Check(lease.File, segment, endPosition, limitOffset, isFull);
        Quarantine(found);
        return found.Count > 0;
    }

    /// <summary>
    /// Whether a segment holds every offset up to the next one's: compaction leaves gaps, and what is being written may not be there yet.
    /// </summary>
    private bool IsFull(Segment segment, int at) => at + 1 < _segments.Length && segment.BaseOffset >= _manifest.EndOffset
        && _segments[at + 1].BaseOffset <= _flushedOffset && segment.EndPosition <= _written;

    private bool IsCutShort(in SegmentPlace end)
    {
        lock (Gate)
        {
            var at = Array.IndexOf(_segments, end.Segment);
            return at >= 0 && IsFull(end.Segment, at) && end.Offset < _segments[at + 1].BaseOffset;
        }
    }

    /// <summary>As <see cref="Read"/>, but goes on behind damage.</summary>
    public LogRead ReadIntact(long offset, int maxBytes, long endOffset)
    {
        while (true)
        {
            try
            {
                return Read(offset, maxBytes, endOffset);
            }
            catch (QuarantinedException damaged)
            {
                offset = damaged.Range.EndOffset;
            }
        }
    }

    private void Quarantine(List<DamagedRange> found)
    {
        lock (Gate)
        {
            found.RemoveAll(range => _damage.Contains(range));
            Volatile.Write(ref _damage, [.. _damage.Concat(found).OrderBy(range => range.FirstOffset)]);
        }

        foreach (var range in found)
            _context.DamageFound?.Invoke(Id, range);
    }

    private DamagedRange? DamageAt(long offset)
    {
        foreach (var range in Volatile.Read(ref _damage))
        {
            if (offset >= range.FirstOffset && offset < range.EndOffset)
                return range;
        }

        return null;
    }

    /// <summary>The damaged range of a segment file that begins at a position.</summary>
    private DamagedRange? DamageAt(Segment segment, long position)
    {
        foreach (var range in Volatile.Read(ref _damage))
        {
            if (range.Position == position && range.File == segment.LogPath)
                return range;
        }

        return null;
    }
}
