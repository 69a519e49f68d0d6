using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Storage.Logs;

/// <summary>Where a leader epoch begins in a log.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="StartOffset">The offset of its first record, or the log's end when it has none yet.</param>
public readonly record struct EpochStart(int Epoch, long StartOffset);

/// <summary>
/// Which leader epoch wrote which part of a log (KIP-101): both epochs and offsets only grow. A client whose log, or position, goes on
/// where an epoch had ended sees that records which it knew were lost. Immutable.
/// </summary>
public sealed class LeaderEpochs
{
    private readonly EpochStart[] _starts;

    internal LeaderEpochs(EpochStart[] starts) => _starts = starts;

    /// <summary>The epochs, oldest first.</summary>
    public IReadOnlyList<EpochStart> Starts => _starts;

    /// <summary>The epoch of the present leader.</summary>
    public int Current => _starts.Length == 0 ? 0 : _starts[^1].Epoch;

    /// <summary>
    /// The largest epoch not above a given one, and where it ends; (-1, -1) for one that is not known yet. Of epochs older than all that
    /// are known, it is said that they end where the first known one begins.
    /// </summary>
    /// <param name="epoch">The epoch asked for.</param>
    /// <param name="logEndOffset">Where the present epoch ends.</param>
    public EpochStart EndOf(int epoch, long logEndOffset)
    {
        if (epoch < 0 || epoch > Current)
            return new EpochStart(-1, -1);
        if (epoch == Current)
            return new EpochStart(epoch, logEndOffset);
        var next = 0;
        while (_starts[next].Epoch <= epoch)
            next++;
        return new EpochStart(next == 0 ? epoch : _starts[next - 1].Epoch, _starts[next].StartOffset);
    }

    /// <summary>The epoch that wrote an offset; -1 below all that are known.</summary>
    public int EpochOf(long offset)
    {
        for (var i = _starts.Length - 1; i >= 0; i--)
        {
            if (_starts[i].StartOffset <= offset)
                return _starts[i].Epoch;
        }

        return -1;
    }

    /// <summary>With an epoch that begins at an offset; what does not lie before it, in both, goes.</summary>
    internal LeaderEpochs With(int epoch, long startOffset)
    {
        var kept = _starts.Length;
        while (kept > 0 && (_starts[kept - 1].Epoch >= epoch || _starts[kept - 1].StartOffset >= startOffset))
            kept--;
        return new LeaderEpochs([.. _starts[..kept], new EpochStart(epoch, startOffset)]);
    }

    /// <summary>
    /// With the epoch that was served last: without a record of its own, it is not found in the batches, and begins at the log's end.
    /// </summary>
    internal LeaderEpochs Reaching(int epoch, long logEndOffset) =>
        _starts.Length > 0 && Current >= epoch ? this : With(epoch, logEndOffset);

    /// <summary>For a log that now starts at an offset: the epoch there begins there.</summary>
    internal LeaderEpochs From(long logStartOffset)
    {
        var first = 0;
        while (first < _starts.Length - 1 && _starts[first + 1].StartOffset <= logStartOffset)
            first++;
        if (_starts.Length == 0 || (first == 0 && _starts[0].StartOffset >= logStartOffset))
            return this;
        var kept = _starts[first..];
        kept[0] = kept[0] with { StartOffset = Math.Max(kept[0].StartOffset, logStartOffset) };
        return new LeaderEpochs(kept);
    }

    /// <summary>For a log that was cut off at an offset: epochs that begin there or beyond go.</summary>
    internal LeaderEpochs To(long logEndOffset)
    {
        var kept = _starts.Length;
        while (kept > 0 && _starts[kept - 1].StartOffset >= logEndOffset)
            kept--;
        return kept == _starts.Length ? this : new LeaderEpochs(_starts[..kept]);
    }

    /// <summary>
    /// Finds the epochs in the batches. Epochs only grow, so a segment that begins in the same epoch as the next one is not read further.
    /// </summary>
    internal static LeaderEpochs Scan(LogContext context, IReadOnlyList<Segment> segments)
    {
        var found = new LeaderEpochs([]);
        for (var i = 0; i < segments.Count; i++)
        {
            var next = i + 1 < segments.Count ? FirstEpoch(context, segments[i + 1]) : -1;
            if (found._starts.Length > 0 && next == found.Current)
                continue;
            using var lease = context.Files.Open(segments[i].LogPath, FileOpening.Write);
            using var scanner = new BatchScanner(lease.File, 0, segments[i].Length);
            while (scanner.MoveNext())
            {
                var batch = scanner.Current;
                if (found._starts.Length == 0 || batch.LeaderEpoch > found.Current)
                    found = found.With(batch.LeaderEpoch, batch.BaseOffset);
                if (next == found.Current)
                    break;
            }
        }

        return found;
    }

    private static int FirstEpoch(LogContext context, Segment segment)
    {
        Span<byte> header = stackalloc byte[RecordBatchHeader.Size];
        using var lease = context.Files.Open(segment.LogPath, FileOpening.Write);
        return lease.File.Read(header, 0) < header.Length ? -1 : BatchFields.LeaderEpoch(header);
    }
}
