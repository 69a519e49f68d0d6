using StreamSQL.Kafka.Records;

namespace StreamSQL.Broker.Partitions;

/// <content>Rebuilding the producers' state when the broker starts, and saving it.</content>
public sealed partial class Partition
{
    private const int ScanBytes = 1024 * 1024;

    /// <summary>Rebuilds the state of the producers from a saved state and the log behind it. Before the partition is used.</summary>
    internal void Recover(ProducerSnapshot? saved)
    {
        var offset = StartOffset;
        if (saved is not null && saved.Offset >= StartOffset && saved.Offset <= EndOffset)
        {
            saved.RestoreTo(_producers, HoldsMarker);
            offset = saved.Offset;
#if PLANTED_BUGS
            if (Planted.IsAwake(PlantedBug.TrustStaleProducers))
                offset = EndOffset;
#endif
        }

        lock (Log.Gate)
        {
            while (offset < EndOffset)
                offset = ApplyFrom(offset);
            _producers.Aborted.TrimBelow(StartOffset);
            AdvanceLastStable();
        }
    }

    /// <summary>The producers' state as it is now: it covers the log up to its present end, which may not be durable yet.</summary>
    internal ProducerSnapshot? SaveProducers()
    {
        lock (Log.Gate)
        {
            var isEmpty = _producers.Producers.Count == 0 && _producers.Aborted.Now.Count == 0;
            return isEmpty ? null : ProducerSnapshot.Of(Log.Id, EndOffset, _producers);
        }
    }

    /// <summary>Whether a marker is still in the log, which may have been cleaned after the snapshot was saved.</summary>
    private bool HoldsMarker(long offset)
    {
        if (offset >= Log.RewrittenOffset)
            return true;
        if (offset < StartOffset)
            return false;
        using var read = Log.ReadIntact(offset, 1, EndOffset);
        return RecordBatchHeader.TryRead(read.Batches.Span, out var batch) && batch.BaseOffset == offset && batch.Attributes.IsControl;
    }

    private long ApplyFrom(long offset)
    {
        using var read = Log.ReadIntact(offset, ScanBytes, EndOffset);
        if (read.IsEmpty)
            return EndOffset;
        var rest = read.Batches.Span;
        while (RecordBatchHeader.TryRead(rest, out var batch))
        {
            if (batch.BaseOffset >= offset)
                _producers.Apply(batch, batch.BaseOffset, NowMs);
            rest = rest[batch.SizeInBytes..];
        }

        return read.NextOffset;
    }
}
